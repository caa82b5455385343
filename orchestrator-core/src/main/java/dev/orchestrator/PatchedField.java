package dev.orchestrator;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The field of a state that patches change.
 *
 * @param <S> the type of the state
 * @param <T> the type of the field's value
 */
final class PatchedField<S, T extends @Nullable Object> {
    private final StateHolder<S> holder;
    private final Function<? super S, Optimistic<T>> reader;
    private final BiFunction<? super S, ? super Optimistic<T>, ? extends S> wither;

    PatchedField(
            StateHolder<S> holder,
            Function<? super S, Optimistic<T>> reader,
            BiFunction<? super S, ? super Optimistic<T>, ? extends S> wither) {
        this.holder = holder;
        this.reader = Objects.requireNonNull(reader, "reader");
        this.wither = Objects.requireNonNull(wither, "wither");
    }

    /** Changes the field; the state stays the same object if the field does. */
    @SuppressWarnings("ReferenceEquality") // "this one" is what an Optimistic gives for no change
    void change(UnaryOperator<Optimistic<T>> change) {
        holder.update(state -> {
            Optimistic<T> before = read(state);
            Optimistic<T> after = change.apply(before);
            return after == before ? state : wither.apply(state, after);
        });
    }

    /** Another state with the field of this one. */
    S carry(S from, S to) {
        return wither.apply(to, read(from));
    }

    private Optimistic<T> read(S state) {
        return Objects.requireNonNull(
                reader.apply(state), "the patched field of the state is null; begin with Optimistic.of(...)");
    }
}
