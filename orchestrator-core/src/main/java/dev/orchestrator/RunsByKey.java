package dev.orchestrator;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    record Place(@Nullable Class<?> jobType, Object key) {}

    /** What is under way with one key. */
    private static final class Slot {
        @Nullable
        SharedRun<?> current;

        final ArrayDeque<SharedRun<?>> waiting = new ArrayDeque<>();

        @Nullable
        JobRun<?> debounced;

        @Nullable
        Window window;

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
        List<SharedRun<?>> replaced = new ArrayList<>();
        Entry entry;
        lock.lock();
        try {
            Slot slot = slots.computeIfAbsent(place, fresh -> new Slot());
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
        if (entry != Entry.JOINED) work.keepKey(() -> left(place, work, whenFree));
        replaced.forEach(each -> each.cancelAll("replaced by a newer job with the key " + place.key));
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
    private Runnable left(Place place, SharedRun<?> work, Consumer<SharedRun<?>> whenFree) {
        SharedRun<?> next = null;
        lock.lock();
        try {
            Slot slot = slots.get(place);
            if (slot != null) {
                if (work.equals(slot.current)) slot.current = next = slot.waiting.poll();
                else slot.waiting.remove(work);
                if (slot.isEmpty()) slots.remove(place);
            }
        } finally {
            lock.unlock();
        }
        SharedRun<?> free = next;
        return free == null ? () -> {} : () -> whenFree.accept(free);
    }

    /** Lets the run go on after that time of silence, unless another one comes before. */
    void debounce(JobRun<?> run, Place place, Duration silence, Consumer<JobRun<?>> whenSilent) {
        JobRun<?> before;
        lock.lock();
        try {
            Slot slot = slots.computeIfAbsent(place, fresh -> new Slot());
            before = slot.debounced;
            slot.debounced = run;
        } finally {
            lock.unlock();
        }
        run.whenDown(() -> takeDebounced(run, place));
        // From here on its own timer finds another one in its place, and lets nothing start.
        if (before != null) before.cancel("replaced by a newer job with the key " + place.key + " before it started");
        Time time = run.bus().scope().time();
        run.waitUntil(time.schedule(silence, () -> {
            if (takeDebounced(run, place)) whenSilent.accept(run);
        }));
    }

    /** Takes the run out if it still waits for silence. */
    private boolean takeDebounced(JobRun<?> run, Place place) {
        lock.lock();
        try {
            Slot slot = slots.get(place);
            if (slot == null || !run.equals(slot.debounced)) return false;
            slot.debounced = null;
            if (slot.isEmpty()) slots.remove(place);
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
        lock.lock();
        try {
            if (closed) return () -> {};
            Slot slot = slots.computeIfAbsent(place, fresh -> new Slot());
            if (slot.window == null) {
                slot.window = mine;
                mine.timer = run.bus().scope().time().schedule(window, () -> windowIsOver(place, mine));
                opened = true;
            }
        } finally {
            lock.unlock();
        }
        if (!opened)
            throw rejected(
                    Reason.THROTTLED, run, place, "a job with that key was dispatched less than " + window + " ago");
        return () -> windowIsOver(place, mine);
    }

    private void windowIsOver(Place place, Window window) {
        lock.lock();
        try {
            Slot slot = slots.get(place);
            if (slot == null || !window.equals(slot.window)) return;
            window.close();
            slot.window = null;
            if (slot.isEmpty()) slots.remove(place);
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
                "a job of type " + run.job().getClass().getName() + " with the key " + place.key + " was refused: "
                        + why + ". Dispatch it again later, or ask with tryDispatch where a refusal is no error");
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
