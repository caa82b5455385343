package dev.orchestrator;

import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A state as a stream: the current one at once, then the later ones, and never without the last (P6).
 *
 * <p>Nothing is queued. A change raises a flag and wakes the lane; the lane lowers the flag and then reads the state, so
 * a change that it did not read has raised the flag again. A slow subscriber thus skips states and gets the newest one
 * when it asks.
 *
 * @param <S> the type of the state
 */
final class StatePublisher<S> implements Flow.Publisher<S> {
    private final StateCell<S> cell;
    private final UserCode wall;
    private final String owner;
    private final Runnable wakeLane;
    private final CopyOnWriteArrayList<Each> subscriptions = new CopyOnWriteArrayList<>();

    private volatile boolean changed;

    /**
     * Makes a publisher.
     *
     * @param owner whose state it is, for the log
     */
    StatePublisher(StateCell<S> cell, UserCode wall, String owner, Runnable wakeLane) {
        this.cell = cell;
        this.wall = wall;
        this.owner = owner;
        this.wakeLane = wakeLane;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super S> subscriber) {
        var subscription = new Each(
                Objects.requireNonNull(subscriber, "subscriber"),
                "the subscriber " + subscriber.getClass().getName() + " of the states of orchestrator " + owner);
        subscriptions.add(subscription);
        subscription.begin();
    }

    Subscription onState(Consumer<? super S> handler) {
        var subscription = new Each(
                new Unlimited<>(handler),
                "the state handler " + handler.getClass().getName() + " of orchestrator " + owner);
        subscriptions.add(subscription);
        subscription.begin();
        return subscription::cancel;
    }

    void stateChanged() {
        if (subscriptions.isEmpty()) return; // whoever subscribes next reads the state afterwards
        changed = true;
        wakeLane.run();
    }

    boolean hasMore() {
        return changed;
    }

    /** Offers the state to everybody who has not got it. On the lane; false if there was nothing new. */
    boolean flush() {
        if (!changed) return false;
        changed = false;
        for (Each subscription : subscriptions) subscription.advance();
        return true;
    }

    private final class Each extends LaneSubscription<S> {
        private @Nullable S lastGiven; // the lane only

        Each(Flow.Subscriber<? super S> subscriber, String name) {
            super(subscriber, wall, name);
        }

        @Override
        void wake() {
            changed = true;
            wakeLane.run();
        }

        @Override
        void remove() {
            subscriptions.remove(this);
        }

        void advance() {
            if (!isOpen()) return;
            boolean last = cell.isFrozen(); // before the state: a frozen one does not change any more
            S state = cell.get();
            boolean isNew = !state.equals(lastGiven);
            if (isNew && hasDemand()) {
                lastGiven = state;
                next(state);
                isNew = false;
            }
            if (last && !isNew && !isCancelled()) complete();
        }
    }

    /** A plain handler as a subscriber that takes everything. */
    private record Unlimited<S>(Consumer<? super S> handler) implements Flow.Subscriber<S> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(S state) {
            handler.accept(state);
        }

        @Override
        public void onError(Throwable error) {
            throw new AssertionError("a state never fails", error);
        }

        @Override
        public void onComplete() {}
    }
}
