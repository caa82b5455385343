package dev.orchestrator;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A change of state that remembers what it replaced by what.
 *
 * <p>The function may be called several times, by one thread; the last call is the one that counted.
 */
final class StateChange<S> implements UnaryOperator<S> {
    private final UnaryOperator<S> change;
    private @Nullable S before;
    private @Nullable S after;

    StateChange(UnaryOperator<S> change) {
        this.change = change;
    }

    @Override
    public S apply(S now) {
        before = now;
        S next = change.apply(now);
        after = next;
        return next;
    }

    S before() {
        return Objects.requireNonNull(before);
    }

    S after() {
        return Objects.requireNonNull(after);
    }
}
