package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A state, or what is made of it, as a stream: the current one at once, then the later ones, never without the last (P6).
 *
 * <p>A change raises the lane's flag; the lane then reads the state for each subscription. A slow subscriber thus skips
 * states and gets the newest one when it asks.
 *
 * @param <S> the type of the state
 */
final class StatePublisher<S> implements Flow.Publisher<S> {
    private final StateCell<S> cell;
    private final UserCode wall;
    private final String owner;
    private final Runnable raise;
    private final CopyOnWriteArrayList<Each<?>> subscriptions = new CopyOnWriteArrayList<>();

    /** Streams of other orchestrators that are made of this state too. */
    private final CopyOnWriteArrayList<LaneSubscription<?>> watchers = new CopyOnWriteArrayList<>();

    /**
     * Makes a publisher.
     *
     * @param owner whose state it is, for the log
     * @param raise tells the lane that there may be something new
     */
    StatePublisher(StateCell<S> cell, UserCode wall, String owner, Runnable raise) {
        this.cell = cell;
        this.wall = wall;
        this.owner = owner;
        this.raise = raise;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super S> subscriber) {
        subscribe(cell, null, subscriber);
    }

    /** What a function makes of the state, as a stream. */
    <T> Flow.Publisher<T> select(Function<? super S, ? extends T> part) {
        View<T> view = new Part<>(cell, part);
        return subscriber -> subscribe(view, null, subscriber);
    }

    /** What a function makes of this state and another orchestrator's, as a stream on this one's lane. */
    <O, T> Flow.Publisher<T> combine(
            StatePublisher<O> other, BiFunction<? super S, ? super O, ? extends T> combination) {
        View<T> view = new Pair<>(cell, other.cell, combination);
        return subscriber -> subscribe(view, other, subscriber);
    }

    private <T> void subscribe(View<T> view, @Nullable StatePublisher<?> other, Flow.Subscriber<? super T> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        add(view, other, subscriber, "the subscriber " + subscriber.getClass().getName());
    }

    Subscription onState(Consumer<? super S> handler) {
        return add(
                cell,
                null,
                new EachValue<>(handler),
                "the state handler " + handler.getClass().getName())::cancel;
    }

    <T> Subscription onState(Function<? super S, ? extends T> part, Consumer<? super T> handler) {
        View<T> view = new Part<>(cell, part);
        return add(
                view,
                null,
                new EachValue<>(handler),
                "the state handler " + handler.getClass().getName())::cancel;
    }

    private <T> Each<T> add(
            View<T> view, @Nullable StatePublisher<?> other, Flow.Subscriber<? super T> subscriber, String name) {
        var subscription = new Each<T>(view, other, subscriber, name + " of the states of orchestrator " + owner);
        subscriptions.add(subscription);
        // Before it reads the other state: what it does not read there wakes it.
        if (other != null) other.watchers.add(subscription);
        subscription.begin();
        return subscription;
    }

    /** The cell has another state, or is frozen. */
    void stateChanged() {
        for (LaneSubscription<?> watcher : watchers) watcher.wake();
        if (!subscriptions.isEmpty()) raise.run(); // whoever subscribes next reads the state afterwards
    }

    /** Offers the state to everybody who has not got it. On the lane. */
    void offer() {
        for (Each<?> subscription : subscriptions) subscription.advance();
    }

    private final class Each<T> extends LaneSubscription<T> {
        private final View<T> view;
        private final @Nullable StatePublisher<?> other;
        private @Nullable T lastGiven; // the lane only

        Each(View<T> view, @Nullable StatePublisher<?> other, Flow.Subscriber<? super T> subscriber, String name) {
            super(subscriber, wall, name);
            this.view = view;
            this.other = other;
        }

        @Override
        void wake() {
            raise.run();
        }

        @Override
        void remove() {
            subscriptions.remove(this);
            if (other != null) other.watchers.remove(this);
        }

        void advance() {
            if (!isOpen()) return;
            boolean last = view.isFrozen(); // before the value: a frozen one does not change any more
            T value;
            boolean isNew;
            try {
                value = view.get();
                isNew = !value.equals(lastGiven);
            } catch (Throwable ofTheUser) {
                fail(ofTheUser);
                return;
            }
            if (isNew && hasDemand()) {
                lastGiven = value;
                next(value);
                isNew = false;
            }
            if (last && !isNew && !isCancelled()) complete();
        }
    }

    /** A part of a state, or anything else that a function makes of it. */
    private record Part<S, T>(StateCell<S> cell, Function<? super S, ? extends T> part) implements View<T> {
        @Override
        public T get() {
            return Objects.requireNonNull(
                    part.apply(cell.get()), "what is selected of a state must not be null; give an Optional");
        }

        @Override
        public boolean isFrozen() {
            return cell.isFrozen();
        }
    }

    /**
     * Something made of two states that both were the current ones at one moment: the first is looked at again after the
     * second was read, and if it has not changed in between, both were there when the second was read. That it is the same
     * state again does not say so: it may have gone and come back.
     *
     * <p>It ends with the first one's orchestrator, whose lane gives it out.
     */
    record Pair<S, O, T>(StateCell<S> first, View<O> second, BiFunction<? super S, ? super O, ? extends T> combination)
            implements View<T> {
        @Override
        @SuppressWarnings("ReferenceEquality") // as moments are compared
        public T get() {
            while (true) {
                Object moment = first.moment();
                S one = first.get();
                O other = second.get();
                if (moment != first.moment()) continue;
                return Objects.requireNonNull(
                        combination.apply(one, other), "a combination of states must not be null; give an Optional");
            }
        }

        @Override
        public boolean isFrozen() {
            return first.isFrozen();
        }
    }
}
