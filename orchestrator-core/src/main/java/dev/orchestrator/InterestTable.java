package dev.orchestrator;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Event class to who wants it, supertypes included (P12).
 *
 * <p>Emitting reads one immutable snapshot, without a lock: a small open hash table from the classes that were emitted
 * to whoever is interested in them. Whoever subscribes, unsubscribes, or emits a class for the first time, replaces the
 * snapshot as a whole under the lock.
 *
 * <p>The snapshot holds emitted classes weakly: an event class of a plug-in can be unloaded although the bus lives on
 * (P10). What a subscription names is held by that subscription.
 */
final class InterestTable {
    /** Who wants one class of events: those who are called on the emitting thread, and those with a mailbox. */
    static final class Interested {
        private final DirectListener[] direct;
        private final QueuedListener[] queued;
        private final Consumer<Event> @Nullable [] handlers;

        // Raised under the lock of the table before a listener's close returns; an emitter that calls handlers without
        // asking their listeners reads it before each call.
        private volatile boolean outdated;

        private Interested(DirectListener[] direct, QueuedListener[] queued) {
            this.direct = direct;
            this.queued = queued;
            this.handlers = handlersOf(direct);
        }

        @SuppressWarnings({"unchecked", "rawtypes"}) // arrays know no type arguments
        private static Consumer<Event> @Nullable [] handlersOf(DirectListener[] direct) {
            var handlers = new Consumer[direct.length];
            for (int i = 0; i < direct.length; i++) {
                Consumer<Event> handler = direct[i].handler();
                if (handler == null) return null;
                handlers[i] = handler;
            }
            return handlers;
        }

        /** The handlers of {@link #direct}, one by one; null if one of them wants more than the event. */
        Consumer<Event> @Nullable [] handlers() {
            return handlers;
        }

        /** Whether somebody was added or closed since: then {@link #handlers} are not to be called unasked. */
        boolean isOutdated() {
            return outdated;
        }

        /** In the order of subscribing; nobody changes the array. */
        DirectListener[] direct() {
            return direct;
        }

        /** In the order of subscribing; nobody changes the array. */
        QueuedListener[] queued() {
            return queued;
        }

        boolean isNobody() {
            return direct.length == 0 && queued.length == 0;
        }
    }

    /** What was worked out for one emitted class, which it holds weakly. */
    private static final class Known extends WeakReference<Class<?>> {
        final Interested who;

        Known(Class<?> type, Interested who) {
            super(type);
            this.who = who;
        }

        void outdateIfKindOf(Class<?> type) {
            Class<?> emitted = get();
            if (emitted != null && type.isAssignableFrom(emitted)) who.outdated = true;
        }
    }

    /** An immutable open hash table with at least half of its places free, so that a search ends soon. */
    private static final class Snapshot {
        static final Snapshot EMPTY = new Snapshot(new Known[8], 0);

        private final @Nullable Known[] places;
        private final int used;

        private Snapshot(@Nullable Known[] places, int used) {
            this.places = places;
            this.used = used;
        }

        @Nullable
        Interested find(Class<?> type) {
            Known known = places[placeOf(type, places)];
            return known == null ? null : known.who;
        }

        /** Where the type is, or where it would go. */
        private static int placeOf(Class<?> type, @Nullable Known[] places) {
            int place = type.hashCode() & (places.length - 1);
            while (true) {
                Known known = places[place];
                if (known == null || known.refersTo(type)) return place;
                place = (place + 1) & (places.length - 1);
            }
        }

        Snapshot with(Class<?> type, Interested who) {
            boolean isFull = 2 * used + 2 > places.length;
            var copy = new Known[isFull ? 2 * places.length : places.length];
            int kept = copyTo(copy, known -> true);
            copy[placeOf(type, copy)] = new Known(type, who);
            return new Snapshot(copy, kept + 1);
        }

        /** Without the classes that are a kind of that type; what was worked out for them is outdated. */
        Snapshot without(Class<?> type) {
            var copy = new Known[places.length];
            int kept = copyTo(copy, known -> !type.isAssignableFrom(known));
            for (Known known : places) if (known != null) known.outdateIfKindOf(type);
            return kept == used ? this : new Snapshot(copy, kept);
        }

        private int copyTo(@Nullable Known[] copy, Predicate<Class<?>> wanted) {
            int kept = 0;
            for (Known known : places) {
                Class<?> type = known == null ? null : known.get(); // null too if it was unloaded
                if (type == null || !wanted.test(type)) continue;
                copy[placeOf(type, copy)] = known;
                kept++;
            }
            return kept;
        }
    }

    private record Interest(long order, Object listener) {}

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final Map<Class<?>, List<Interest>> byType = new HashMap<>();
    private long nextOrder;

    // Written under lock, read by every emitter. Volatile publishes the arrays, which nobody changes afterwards.
    private volatile Snapshot snapshot = Snapshot.EMPTY;

    Interested of(Class<?> type) {
        Interested known = snapshot.find(type);
        return known != null ? known : workOut(type);
    }

    private Interested workOut(Class<?> type) {
        lock.lock();
        try {
            Interested known = snapshot.find(type);
            if (known != null) return known;
            Interested who = interestedIn(type);
            snapshot = snapshot.with(type, who);
            return who;
        } finally {
            lock.unlock();
        }
    }

    private Interested interestedIn(Class<?> type) {
        var all = new ArrayList<Interest>();
        byType.forEach((wanted, interests) -> {
            if (wanted.isAssignableFrom(type)) all.addAll(interests);
        });
        all.sort(Comparator.comparingLong(Interest::order)); // everybody is called in the order of subscribing
        var direct = new ArrayList<DirectListener>();
        var queued =
                new LinkedHashSet<QueuedListener>(); // one that observes a type and its supertype gets the event once
        for (Interest interest : all) {
            if (interest.listener instanceof DirectListener listener) direct.add(listener);
            else queued.add((QueuedListener) interest.listener);
        }
        return new Interested(direct.toArray(DirectListener[]::new), queued.toArray(QueuedListener[]::new));
    }

    /** From the return on, every event of that type goes to the listener too. */
    void add(Class<?> type, Object listener) {
        lock.lock();
        try {
            byType.computeIfAbsent(type, fresh -> new ArrayList<>()).add(new Interest(nextOrder++, listener));
            snapshot = snapshot.without(type); // the next emission works it out anew
        } finally {
            lock.unlock();
        }
    }

    void remove(Class<?> type, Object listener) {
        lock.lock();
        try {
            List<Interest> interests = byType.get(type);
            if (interests == null || !interests.removeIf(interest -> interest.listener.equals(listener))) return;
            if (interests.isEmpty()) byType.remove(type);
            snapshot = snapshot.without(type); // the next emission works it out anew
        } finally {
            lock.unlock();
        }
    }

    /** Removes everybody. */
    void clear() {
        lock.lock();
        try {
            byType.clear();
            snapshot = Snapshot.EMPTY;
        } finally {
            lock.unlock();
        }
    }

    /** Everybody with each type that they want, in the order of subscribing. */
    List<SignalBus.Subscriber> subscribers() {
        record Entry(Class<?> type, Interest interest) {}
        var entries = new ArrayList<Entry>();
        lock.lock();
        try {
            byType.forEach((type, interests) -> interests.forEach(each -> entries.add(new Entry(type, each))));
        } finally {
            lock.unlock();
        }
        entries.sort(Comparator.comparingLong(entry -> entry.interest.order));
        return entries.stream() // outside of the lock: the name of an orchestrator is its user's code
                .map(entry -> new SignalBus.Subscriber(entry.type, entry.interest.listener.toString()))
                .toList();
    }

    /** All listeners with a mailbox. */
    QueuedListener[] queued() {
        lock.lock();
        try {
            return byType.values().stream()
                    .flatMap(List::stream)
                    .map(Interest::listener)
                    .filter(QueuedListener.class::isInstance)
                    .distinct()
                    .toArray(QueuedListener[]::new);
        } finally {
            lock.unlock();
        }
    }
}
