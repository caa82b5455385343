package dev.orchestrator;

import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The part that our publishers' subscriptions share: demand, cancellation, and one signal at a time on a lane.
 *
 * <p>Every signal but {@code onSubscribe} is given on the lane, and none before {@code onSubscribe} has returned, so
 * signals never overlap (Reactive Streams 1.3). A subscriber that throws stays subscribed (P5).
 *
 * @param <T> what is published
 */
abstract class LaneSubscription<T> implements Flow.Subscription {
    private final Flow.Subscriber<? super T> subscriber;
    private final UserCode wall;
    private final String name;

    // Raised by the subscriber's threads, lowered by the lane.
    private final AtomicLong demand = new AtomicLong();

    // Each written by the subscriber's threads and read by the lane, which looks again after every wake.
    private volatile boolean ready;
    private volatile boolean cancelled;
    private volatile @Nullable Throwable misused;

    /**
     * Makes a subscription.
     *
     * @param name who the subscriber is, for the log
     */
    LaneSubscription(Flow.Subscriber<? super T> subscriber, UserCode wall, String name) {
        this.subscriber = subscriber;
        this.wall = wall;
        this.name = name;
    }

    /** Lets the lane look at this subscription. */
    abstract void wake();

    /** Takes this subscription out of its publisher. */
    abstract void remove();

    /** Introduces itself; called once, on the thread that subscribes. */
    final void begin() {
        call(() -> subscriber.onSubscribe(this));
        ready = true;
        wake();
    }

    @Override
    public final void request(long n) {
        if (n > 0) {
            demand.accumulateAndGet(n, (before, more) -> before + more < 0 ? Long.MAX_VALUE : before + more);
        } else {
            misused = new IllegalArgumentException(
                    "request(" + n + "): ask for at least one (Reactive Streams 3.9); the subscription is over");
        }
        wake();
    }

    @Override
    public final void cancel() {
        cancelled = true;
        remove();
    }

    /** Whether signals may be given now. The lane asks first; it ends a misused subscription here. */
    final boolean isOpen() {
        if (!ready || cancelled) return false;
        Throwable misuse = misused;
        if (misuse != null) fail(misuse);
        return misuse == null;
    }

    /** Whether {@link #isOpen} would do or allow something. */
    final boolean needsLook() {
        return ready && !cancelled;
    }

    @Override
    public final String toString() {
        return name;
    }

    final boolean isMisused() {
        return misused != null;
    }

    final boolean isCancelled() {
        return cancelled;
    }

    final boolean hasDemand() {
        return demand.get() > 0;
    }

    /** Gives one item; there is demand. */
    final void next(T item) {
        if (demand.get() != Long.MAX_VALUE) demand.decrementAndGet();
        call(() -> subscriber.onNext(item));
    }

    final void complete() {
        cancel();
        call(subscriber::onComplete);
    }

    final void fail(Throwable error) {
        cancel();
        call(() -> subscriber.onError(error));
    }

    private void call(Runnable signal) {
        wall.run(name, signal);
    }
}
