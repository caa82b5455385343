package dev.orchestrator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Things that happen once, each kept until one taker has it.
 *
 * <p>Why each is taken once and in order: effects are put in and taken out under the lock, and taken out by the lane alone,
 * which gives one to its taker before it takes out the next. Why the state that was set before an effect is given before it:
 * the lane asks for the newest effect, then gives out the state, and then effects up to that one. Proof: EffectTest,
 * EffectModelTest, EffectStress.
 */
final class EffectQueue {
    private record Kept(long number, Object effect) {}

    static final OverflowRule DEFAULT_RULE = OverflowRule.dropOldest(1_024);

    private final UserCode wall;
    private final String owner;
    private final Runnable raise;
    private final ReentrantLock lock = new ReentrantLock();

    /** Those who subscribed last come last. */
    private final CopyOnWriteArrayList<Taker<?>> takers = new CopyOnWriteArrayList<>();

    // Guarded by lock.
    private final ArrayDeque<Kept> kept = new ArrayDeque<>();

    private long newest; // the number of the effect that was put in last
    private OverflowRule rule = DEFAULT_RULE;
    private boolean closed;
    private boolean isDropTold; // since somebody took one

    /**
     * Makes an empty queue.
     *
     * @param owner whose effects they are, for the log
     * @param raise tells the lane that there may be something to give
     */
    EffectQueue(UserCode wall, String owner, Runnable raise) {
        this.wall = wall;
        this.owner = owner;
        this.raise = raise;
    }

    /** Chooses what happens when too many are kept. */
    void choose(OverflowRule chosen) {
        if (chosen.blocks()) {
            throw new IllegalArgumentException("the rule " + chosen + " would make a handler wait for whoever takes the"
                    + " effects; choose dropOldest, keepLatest or fail");
        }
        lock.lock();
        try {
            rule = chosen;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps one until it is taken; does nothing after the closing. */
    void add(Object effect) {
        IllegalStateException dropped = null;
        lock.lock();
        try {
            if (closed) return;
            if (kept.size() >= rule.capacity()) {
                if (rule.fails()) throw new IllegalStateException(full("the new one was not taken"));
                kept.remove();
                if (!isDropTold) dropped = new IllegalStateException(full("the oldest is dropped, as others may be"));
                isDropTold = true;
            }
            kept.add(new Kept(++newest, effect));
        } finally {
            lock.unlock();
        }
        if (dropped != null) {
            wall.report(dropped, "effect(" + Ids.nameOf(effect.getClass()) + ") of orchestrator " + owner, null);
        }
        raise.run();
    }

    private String full(String consequence) {
        return rule.capacity() + " effects of orchestrator " + owner + " wait for somebody to take them, and "
                + consequence + "; take them with effects() or onEffect(...), or choose another bound with keepEffects";
    }

    /** The effects of a type as a stream; each goes to one subscriber. */
    <E> Flow.Publisher<E> of(Class<E> type) {
        return subscriber -> {
            Objects.requireNonNull(subscriber, "subscriber");
            add(type, subscriber, "the subscriber " + subscriber.getClass().getName());
        };
    }

    <E> Subscription onEffect(Class<E> type, Consumer<? super E> handler) {
        return add(
                type,
                new EachValue<>(handler),
                "the effect handler " + handler.getClass().getName())::cancel;
    }

    private <E> Taker<E> add(Class<E> type, Flow.Subscriber<? super E> subscriber, String name) {
        var taker = new Taker<>(type, subscriber, name + " of the effects of orchestrator " + owner);
        takers.add(taker);
        taker.begin();
        return taker;
    }

    /** What is kept is still given out, then the completion. */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        raise.run();
    }

    /** The number of the newest effect; what is put in later has a higher one. */
    long newest() {
        lock.lock();
        try {
            return newest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives out what somebody asks for, up to that number. On the lane; what is put in meanwhile has raised its flag again, so
     * that it comes after its state, and that a circle of effects does not hold up the handlers.
     */
    void offer(long upTo) {
        List<Taker<?>> newestFirst = new ArrayList<>(takers).reversed();
        for (Taker<?> taker : newestFirst) taker.isOpen(); // ends those that misuse their subscription
        while (giveNext(newestFirst, upTo)) {}
        for (Taker<?> taker : newestFirst) if (taker.needsLook() && isOverFor(taker)) taker.complete();
    }

    private boolean giveNext(List<Taker<?>> newestFirst, long upTo) {
        List<Taker<?>> asking = asking(newestFirst);
        Object effect = null;
        Taker<?> taker = null;
        lock.lock();
        try {
            for (Iterator<Kept> each = kept.iterator(); taker == null && each.hasNext(); ) {
                Kept next = each.next();
                if (next.number() > upTo) break;
                effect = next.effect();
                taker = takerOf(effect, asking);
                if (taker != null) each.remove();
            }
            if (taker != null) isDropTold = false;
        } finally {
            lock.unlock();
        }
        if (taker == null || effect == null) return false;
        taker.take(effect);
        return true;
    }

    /** Looked up once for all that is kept: one that asks meanwhile would get what comes after the effect just looked at. */
    private static List<Taker<?>> asking(List<Taker<?>> newestFirst) {
        var asking = new ArrayList<Taker<?>>(newestFirst.size());
        for (Taker<?> taker : newestFirst) if (taker.needsLook() && taker.hasDemand()) asking.add(taker);
        return asking;
    }

    private static @Nullable Taker<?> takerOf(Object effect, List<Taker<?>> asking) {
        for (Taker<?> taker : asking) if (taker.type.isInstance(effect)) return taker;
        return null;
    }

    private boolean isOverFor(Taker<?> taker) {
        lock.lock();
        try {
            return closed && kept.stream().noneMatch(each -> taker.type.isInstance(each.effect()));
        } finally {
            lock.unlock();
        }
    }

    private final class Taker<E> extends LaneSubscription<E> {
        private final Class<E> type;

        Taker(Class<E> type, Flow.Subscriber<? super E> subscriber, String name) {
            super(subscriber, wall, name);
            this.type = type;
        }

        void take(Object effect) {
            next(type.cast(effect));
        }

        @Override
        void wake() {
            raise.run();
        }

        @Override
        void remove() {
            takers.remove(this);
        }
    }
}
