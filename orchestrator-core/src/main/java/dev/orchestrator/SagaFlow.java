package dev.orchestrator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a declared saga: what is done with an input, and in which order.
 *
 * <p>An immutable value, made of {@linkplain SagaStep steps}, which are jobs: one after the other, side by side, or once for
 * each of several inputs. {@link Saga#define} makes a saga of it.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="saga-flow"}
 *
 * @param <I> what it needs
 * @param <O> what it gives
 */
public abstract sealed class SagaFlow<I extends @Nullable Object, O extends @Nullable Object>
        permits SagaStep, SagaFlow.Input, SagaFlow.Sequence, SagaFlow.Mapped, SagaFlow.Parallel, SagaFlow.ForEach {
    SagaFlow() {}

    /**
     * Does it; throws what stopped it. On a thread of the saga.
     *
     * @param label stands behind the names of the steps
     */
    abstract O run(I input, SagaScope scope, String label) throws Exception;

    /** Draws itself between two nodes; gives the node that it ends in. */
    abstract String draw(SagaDiagram diagram, String from);

    // ---- putting together ----

    /** Does nothing and gives its input: how a flow begins whose first part needs less than the saga gets. */
    public static <I extends @Nullable Object> SagaFlow<I, I> input() {
        return new Input<>();
    }

    /** This, and then another one with what this one gives. */
    public final <P extends @Nullable Object> SagaFlow<I, P> then(SagaFlow<? super O, ? extends P> next) {
        return then(next, (mine, theirs) -> theirs);
    }

    /**
     * This, and then another one with what this one gives; together they give what is made of both.
     *
     * @param both must only compute; what it throws stops the saga
     */
    public final <M extends @Nullable Object, P extends @Nullable Object> SagaFlow<I, P> then(
            SagaFlow<? super O, ? extends M> next, BiFunction<? super O, ? super M, ? extends P> both) {
        return new Sequence<>(this, Objects.requireNonNull(next, "next"), Objects.requireNonNull(both, "both"));
    }

    /**
     * This, with something else made of what it gives.
     *
     * @param function must only compute; what it throws stops the saga
     */
    public final <P extends @Nullable Object> SagaFlow<I, P> map(Function<? super O, ? extends P> function) {
        return new Mapped<>(this, Objects.requireNonNull(function, "function"));
    }

    /**
     * All of them side by side, each with the same input; when one fails, the others are stopped.
     *
     * @param flows at least one
     * @return gives what they give, in their order
     * @throws IllegalArgumentException if there is none
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaFlow<I, List<O>> all(
            Collection<? extends SagaFlow<? super I, ? extends O>> flows) {
        return new Parallel<>(flows, flows.size());
    }

    /**
     * All of them side by side, each with the same input, until one has come to its end: the others are stopped, and what
     * they did is undone.
     *
     * @param flows at least one
     * @return gives what that one gives; it fails when all have failed
     * @throws IllegalArgumentException if there is none
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaFlow<I, O> any(
            Collection<? extends SagaFlow<? super I, ? extends O>> flows) {
        return new Parallel<I, O>(flows, 1).map(List::getFirst);
    }

    /**
     * All of them side by side, each with the same input, until so many have come to their ends: the others are stopped, and
     * what they did is undone.
     *
     * @param count how many
     * @param flows at least {@code count}
     * @return gives what those give, the first first; it fails when too few are left
     * @throws IllegalArgumentException if {@code count} is less than 1 or more than there are flows
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaFlow<I, List<O>> first(
            int count, Collection<? extends SagaFlow<? super I, ? extends O>> flows) {
        return new Parallel<>(flows, count);
    }

    /**
     * The same for each of several inputs; when one fails, the others are stopped.
     *
     * @param limit how many side by side, at most
     * @param flow what is done with each
     * @return gives what came of them, in the order of the inputs
     * @throws IllegalArgumentException if {@code limit} is less than 1
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaFlow<Collection<I>, List<O>> forEach(
            int limit, SagaFlow<I, O> flow) {
        return new ForEach<>(limit, flow);
    }

    // ---- the forms ----

    static final class Input<I extends @Nullable Object> extends SagaFlow<I, I> {
        private Input() {}

        @Override
        I run(I input, SagaScope scope, String label) {
            return input;
        }

        @Override
        String draw(SagaDiagram diagram, String from) {
            return from;
        }
    }

    static final class Sequence<
                    I extends @Nullable Object,
                    M extends @Nullable Object,
                    N extends @Nullable Object,
                    O extends @Nullable Object>
            extends SagaFlow<I, O> {
        private final SagaFlow<I, M> first;
        private final SagaFlow<? super M, ? extends N> second;
        private final BiFunction<? super M, ? super N, ? extends O> both;

        private Sequence(
                SagaFlow<I, M> first,
                SagaFlow<? super M, ? extends N> second,
                BiFunction<? super M, ? super N, ? extends O> both) {
            this.first = first;
            this.second = second;
            this.both = both;
        }

        @Override
        O run(I input, SagaScope scope, String label) throws Exception {
            M one = first.run(input, scope, label);
            return both.apply(one, second.run(one, scope, label));
        }

        @Override
        String draw(SagaDiagram diagram, String from) {
            return second.draw(diagram, first.draw(diagram, from));
        }
    }

    static final class Mapped<I extends @Nullable Object, M extends @Nullable Object, O extends @Nullable Object>
            extends SagaFlow<I, O> {
        private final SagaFlow<I, M> first;
        private final Function<? super M, ? extends O> function;

        private Mapped(SagaFlow<I, M> first, Function<? super M, ? extends O> function) {
            this.first = first;
            this.function = function;
        }

        @Override
        O run(I input, SagaScope scope, String label) throws Exception {
            return function.apply(first.run(input, scope, label));
        }

        @Override
        String draw(SagaDiagram diagram, String from) {
            return first.draw(diagram, from);
        }
    }

    static final class Parallel<I extends @Nullable Object, O extends @Nullable Object> extends SagaFlow<I, List<O>> {
        private final List<SagaFlow<? super I, ? extends O>> flows;
        private final int needed;

        private Parallel(Collection<? extends SagaFlow<? super I, ? extends O>> flows, int needed) {
            this.flows = List.copyOf(flows);
            this.needed = needed;
            if (needed < 1 || needed > this.flows.size()) {
                throw new IllegalArgumentException(
                        needed + " of " + this.flows.size() + " flows cannot be done; name at least one, and enough");
            }
        }

        @Override
        List<O> run(I input, SagaScope scope, String label) throws Exception {
            var branches = new ArrayList<SagaBranches.Branch<O>>(flows.size());
            for (SagaFlow<? super I, ? extends O> flow : flows) branches.add(branch -> flow.run(input, branch, label));
            return new SagaBranches<>(scope, branches, needed).run(flows.size());
        }

        @Override
        String draw(SagaDiagram diagram, String from) {
            String what = needed == flows.size() ? "all" : "first " + needed;
            return diagram.fork(from, what, flows);
        }
    }

    static final class ForEach<I extends @Nullable Object, O extends @Nullable Object>
            extends SagaFlow<Collection<I>, List<O>> {
        private final int limit;
        private final SagaFlow<I, O> flow;

        private ForEach(int limit, SagaFlow<I, O> flow) {
            if (limit < 1) throw new IllegalArgumentException("at least 1 must be side by side, was " + limit);
            this.limit = limit;
            this.flow = Objects.requireNonNull(flow, "flow");
        }

        @Override
        List<O> run(Collection<I> inputs, SagaScope scope, String label) throws Exception {
            var branches = new ArrayList<SagaBranches.Branch<O>>(inputs.size());
            inputs.forEach(input -> branches.add(branch(input, label + "[" + branches.size() + "]")));
            return new SagaBranches<>(scope, branches, branches.size()).run(limit);
        }

        private SagaBranches.Branch<O> branch(I input, String label) {
            return scope -> flow.run(input, scope, label);
        }

        @Override
        String draw(SagaDiagram diagram, String from) {
            return diagram.fork(from, "for each, " + limit + " at a time", List.of(flow));
        }
    }
}
