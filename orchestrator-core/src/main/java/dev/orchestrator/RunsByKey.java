package dev.orchestrator;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is under way or waits with a key: join, drop, replace, queue, debounce, throttle.
 *
 * <p>One for the keys of a dispatcher, where a key belongs to a job type, and one for those of each orchestrator. A key is
 * kept while something of it is under way (P10). All of it is guarded by the lock. What calls others, cancelling and
 * letting pass, happens after the lock was released and goes through the cell of the run, which knows if it came too late.
 */
final class RunsByKey {
    /** What a dispatch with a key came to. */
    enum Entry {
        /** It has the key, and goes on to its limits. */
        GOES_ON,
        /** It waits until the key is free. */
        WAITS,
        /** It takes part in an earlier work. */
        JOINED,
        /** It is turned away; nothing has changed. */
        REFUSED
    }

    /** A key of one type of jobs; the type is null where the key is an orchestrator's, whatever the type. */
    static final class Place {
        private final @Nullable Class<?> jobType;
        private final Object key;
        private final int hash; // asked once: from the dispatch on no code of the key's is needed to find it again

        Place(@Nullable Class<?> jobType, Object key) {
            this.jobType = jobType;
            this.key = key;
            this.hash = 31 * key.hashCode() + Objects.hashCode(jobType);
        }

        Object key() {
            return key;
        }

        /** The key in words for people; one that has none has its class. */
        @Override
        public String toString() {
            try {
                return String.valueOf(key);
            } catch (Throwable ofTheKey) {
                return "of type " + key.getClass().getName();
            }
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other
                    || (other instanceof Place place
                            && hash == place.hash
                            && Objects.equals(jobType, place.jobType)
                            && key.equals(place.key));
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    /** What is under way with one key. */
    private static final class Slot {
        final Place place; // the very instance under which it is kept

        @Nullable
        SharedRun<?> current;

        final ArrayDeque<SharedRun<?>> waiting = new ArrayDeque<>(1); // mostly empty

        @Nullable
        JobRun<?> debounced;

        @Nullable
        Window window;

        Slot(Place place) {
            this.place = place;
        }

        boolean isEmpty() {
            return current == null && waiting.isEmpty() && debounced == null && window == null;
        }
    }

    /** The time in which a throttle refuses. */
    private static final class Window {
        private Time.@Nullable Timer timer;

        void close() {
            if (timer != null) timer.cancel();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Place, Slot> slots = new HashMap<>();
    private boolean closed;

    /**
     * Takes in a dispatch whose work has its key for itself.
     *
     * @param whenFree what lets the work go on if it has to wait; called on whichever thread frees the key
     * @throws JobRejectedException if the rule turns it away; nothing has changed then
     */
    <R extends @Nullable Object> Entry enter(
            JoinedRun<R> run, Place place, SameKeyRule rule, Consumer<SharedRun<?>> whenFree) {
        SharedRun<R> work = run.work();
        List<SharedRun<?>> replaced = rule instanceof SameKeyRule.Replace ? new ArrayList<>() : List.of();
        Entry entry;
        Slot slot;
        lock.lock();
        try {
            slot = slots.computeIfAbsent(place, Slot::new);
            if (slot.current == null) {
                slot.current = work;
                entry = Entry.GOES_ON;
            } else {
                entry = enterBehind(slot, run, rule, replaced);
            }
        } finally {
            lock.unlock();
        }
        if (entry == Entry.REFUSED) throw refused(run, place, rule);
        if (entry != Entry.JOINED) work.keepKey(() -> left(slot, work, whenFree));
        if (!replaced.isEmpty()) {
            var takers = new ArrayList<JobRun<?>>();
            for (SharedRun<?> each : replaced) each.takers().forEach(taker -> takers.add(taker.jobRun()));
            StopWalk.cancelAll(takers, "replaced by a newer job with the key " + place, false);
        }
        return entry;
    }

    private static <R extends @Nullable Object> Entry enterBehind(
            Slot slot, JoinedRun<R> run, SameKeyRule rule, List<SharedRun<?>> replaced) {
        switch (rule) {
            case SameKeyRule.Join() -> {
                if (join(run, slot.current) || join(run, slot.waiting.peekLast())) return Entry.JOINED;
            }
            case SameKeyRule.Drop() -> {
                return Entry.REFUSED;
            }
            case SameKeyRule.Queue(int most) -> {
                if (slot.waiting.size() >= most) return Entry.REFUSED;
            }
            case SameKeyRule.Replace() -> {
                // From here on nobody joins them, and those that wait are out of the line: none of them starts.
                if (slot.current != null) replaced.add(slot.current);
                replaced.addAll(slot.waiting);
                slot.waiting.clear();
                replaced.forEach(SharedRun::joinNoMore);
            }
            case SameKeyRule.Debounce debounce -> throw new AssertionError("it has no key for itself");
            case SameKeyRule.Throttle throttle -> throw new AssertionError("it has no key for itself");
        }
        slot.waiting.addLast(run.work());
        return Entry.WAITS;
    }

    private static JobRejectedException refused(JobRun<?> run, Place place, SameKeyRule rule) {
        return rule instanceof SameKeyRule.Queue(int most)
                ? rejected(
                        Reason.KEY_QUEUE_FULL,
                        run,
                        place,
                        "a job with that key is under way, and " + most
                                + " more wait, which is as many as its options allow")
                : rejected(Reason.KEY_IN_USE, run, place, "a job with that key is under way");
    }

    @SuppressWarnings("unchecked") // works with a key of a job type give what that type gives
    private static <R extends @Nullable Object> boolean join(JoinedRun<R> run, @Nullable SharedRun<?> earlier) {
        return earlier != null && ((SharedRun<R>) earlier).join(run);
    }

    /** That work has ended: it has its key no more, or waits for it no more. Gives what lets the next one go on. */
    private Runnable left(Slot slot, SharedRun<?> work, Consumer<SharedRun<?>> whenFree) {
        SharedRun<?> next = null;
        lock.lock();
        try {
            if (work.equals(slot.current)) slot.current = next = slot.waiting.poll();
            else slot.waiting.remove(work);
            forgetIfEmpty(slot);
        } finally {
            lock.unlock();
        }
        SharedRun<?> free = next;
        return free == null ? () -> {} : () -> whenFree.accept(free);
    }

    private void forgetIfEmpty(Slot slot) {
        if (slot.isEmpty()) slots.remove(slot.place, slot); // another one may be kept under that key by now
    }

    /** Lets the run go on after that time of silence, unless another one comes before. */
    void debounce(JobRun<?> run, Place place, Duration silence, Consumer<JobRun<?>> whenSilent) {
        JobRun<?> before;
        Slot slot;
        lock.lock();
        try {
            slot = slots.computeIfAbsent(place, Slot::new);
            before = slot.debounced;
            slot.debounced = run;
        } finally {
            lock.unlock();
        }
        run.whenDown(() -> takeDebounced(run, slot));
        // From here on its own timer finds another one in its place, and lets nothing start.
        if (before != null) before.cancel("replaced by a newer job with the key " + place + " before it started");
        Time time = run.bus().scope().time();
        run.waitUntil(time.schedule(silence, () -> {
            if (takeDebounced(run, slot)) whenSilent.accept(run);
        }));
    }

    /** Takes the run out if it still waits for silence. */
    private boolean takeDebounced(JobRun<?> run, Slot slot) {
        lock.lock();
        try {
            if (!run.equals(slot.debounced)) return false;
            slot.debounced = null;
            forgetIfEmpty(slot);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens the window of a throttle.
     *
     * @return what closes it again if the dispatch is refused after all
     * @throws JobRejectedException if it is open
     */
    Runnable throttle(JobRun<?> run, Place place, Duration window) {
        var mine = new Window();
        boolean opened = false;
        Slot slot;
        lock.lock();
        try {
            if (closed) return () -> {};
            slot = slots.computeIfAbsent(place, Slot::new);
            if (slot.window == null) {
                slot.window = mine;
                mine.timer = run.bus().scope().time().schedule(window, () -> windowIsOver(slot, mine));
                opened = true;
            }
        } finally {
            lock.unlock();
        }
        if (!opened)
            throw rejected(
                    Reason.THROTTLED, run, place, "a job with that key was dispatched less than " + window + " ago");
        return () -> windowIsOver(slot, mine);
    }

    private void windowIsOver(Slot slot, Window window) {
        lock.lock();
        try {
            if (!window.equals(slot.window)) return;
            window.close();
            slot.window = null;
            forgetIfEmpty(slot);
        } finally {
            lock.unlock();
        }
    }

    /** Its dispatcher is closed: no window has a meaning any more, and none is kept until its time is over (P10). */
    void close() {
        lock.lock();
        try {
            closed = true;
            for (Slot slot : slots.values()) {
                if (slot.window != null) slot.window.close();
                slot.window = null;
            }
            slots.values().removeIf(Slot::isEmpty);
        } finally {
            lock.unlock();
        }
    }

    private static JobRejectedException rejected(Reason reason, JobRun<?> run, Place place, String why) {
        return new JobRejectedException(
                reason,
                place.key,
                "a job of type " + run.job().getClass().getName() + " with the key " + place + " was refused: " + why
                        + ". Dispatch it again later, or ask with tryDispatch where a refusal is no error");
    }

    /** How many keys are kept. */
    int size() {
        lock.lock();
        try {
            return slots.size();
        } finally {
            lock.unlock();
        }
    }
}
