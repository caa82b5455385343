package dev.orchestrator;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Folds what an orchestrator's own jobs of a type tell into a field of its state.
 *
 * <p>Of several jobs the one counts that was dispatched last: what those before it still tell changes nothing, in whichever
 * order their workers began. Called on the lane only.
 *
 * @param <S> the type of the state
 * @param <R> what the jobs give back
 */
final class StateTracker<S, R extends @Nullable Object> {
    private final DispatchOrder order;
    private final @Nullable Function<? super S, AsyncState<R>> reader; // null if the field is kept here
    private final BiFunction<? super S, ? super AsyncState<R>, ? extends S> wither;

    private AsyncState<R> kept = AsyncState.idle();
    private long newest; // the number of the last dispatched job that told something

    StateTracker(
            DispatchOrder order,
            @Nullable Function<? super S, AsyncState<R>> reader,
            BiFunction<? super S, ? super AsyncState<R>, ? extends S> wither) {
        this.order = order;
        this.reader = reader;
        this.wither = Objects.requireNonNull(wither, "wither");
    }

    /** The change that an event makes; null if it is about a job that does not count any more. */
    @Nullable
    UnaryOperator<S> change(JobEvent event) {
        long number = order.current();
        if (number < newest) return null;
        newest = number;
        var known = reader;
        if (known != null) return state -> wither.apply(state, after(known.apply(state), event));
        AsyncState<R> next = after(kept, event);
        kept = next;
        return state -> wither.apply(state, next);
    }

    /** A job that ended without having started is the one that counts too. */
    private static <R extends @Nullable Object> AsyncState<R> after(AsyncState<R> before, JobEvent event) {
        String id = event.correlationId();
        boolean isItsOwn = before instanceof AsyncState.Loading<R> loading
                && loading.jobId().equals(id);
        return (isItsOwn ? before : before.loading(id)).after(event);
    }
}
