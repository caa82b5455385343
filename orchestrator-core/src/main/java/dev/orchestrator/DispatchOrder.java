package dev.orchestrator;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * In which order an orchestrator dispatched its tracked jobs, which need not be the order in which their workers begin.
 *
 * <p>Numbers are given by dispatching threads, before the job can tell anything, and read by the lane.
 */
final class DispatchOrder {
    private final List<Class<?>> types = new CopyOnWriteArrayList<>();
    private final AtomicLong last = new AtomicLong();
    private final ConcurrentHashMap<String, Long> numbers = new ConcurrentHashMap<>();

    private long current; // the lane only

    /** From now on jobs of that type, or of a family's members, are numbered. */
    void track(Class<?> type) {
        types.add(type);
    }

    /** It is being dispatched. */
    void number(JobRun<?> run) {
        if (isTracked(run.job())) numbers.put(run.id(), last.incrementAndGet());
    }

    private boolean isTracked(Job<?> job) {
        for (Class<?> type : types) if (type.isInstance(job)) return true;
        return false;
    }

    /** It was not dispatched after all. */
    void forget(JobRun<?> run) {
        numbers.remove(run.id());
    }

    /**
     * One of its events is about to be handled; with the last one its number is forgotten, since the handler may dispatch
     * the same id again.
     */
    void handling(JobRun<?> run, boolean isLast) {
        Long number = isLast ? numbers.remove(run.id()) : numbers.get(run.id());
        current = number == null ? 0 : number;
    }

    /** How many jobs are under way. */
    int size() {
        return numbers.size();
    }

    /** The number of the job whose event is being handled, the higher the later; 0 if it has none. */
    long current() {
        return current;
    }
}
