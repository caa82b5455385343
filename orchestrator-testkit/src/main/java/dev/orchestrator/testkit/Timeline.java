package dev.orchestrator.testkit;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Event;
import dev.orchestrator.EventInfo;
import dev.orchestrator.Job;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a {@link TestWorld}, in order: jobs dispatched and refused, events, states, what handlers threw.
 *
 * <p>An event stands where a plain subscriber gets it. The owner of a job may have handled its event by then, so in some
 * interleavings the state that came of an event stands before the event. All methods may be called from any thread; lists
 * are copies. {@link #toString} is the whole of it, a line for each entry, as the assertions show it.
 */
public final class Timeline {
    /** One thing that happened. */
    public sealed interface Entry {
        /** A dispatcher accepted a job. */
        record Dispatched(JobSnapshot job) implements Entry {}

        /** A dispatcher refused a job. */
        record Refused(Job<?> job, Throwable why) implements Entry {}

        /** An event was told. */
        record Told(Event event, EventInfo info) implements Entry {}

        /** An orchestrator was made. */
        record Opened(BaseOrchestrator<?> orchestrator) implements Entry {}

        /** An orchestrator has another state than before. */
        record StateChanged(BaseOrchestrator<?> orchestrator, Object before, Object after) implements Entry {}

        /** An orchestrator was closed. */
        record Closed(BaseOrchestrator<?> orchestrator) implements Entry {}

        /**
         * A handler, subscriber or listener threw.
         *
         * @param event what it was handling; null if it was no event
         */
        record Threw(
                Throwable error, String handler, @Nullable Event event) implements Entry {}
    }

    private record Line(Duration at, Entry entry) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Line> lines = new ArrayList<>(); // guarded by lock: whoever records, and whoever asks

    Timeline() {}

    void add(Duration at, Entry entry) {
        lock.lock();
        try {
            lines.add(new Line(at, entry));
        } finally {
            lock.unlock();
        }
    }

    private List<Line> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }

    /** Everything. */
    public List<Entry> entries() {
        return lines().stream().map(Line::entry).toList();
    }

    private <E extends Entry> Stream<E> of(Class<E> kind) {
        return lines().stream().map(Line::entry).filter(kind::isInstance).map(kind::cast);
    }

    /** The jobs that were accepted. */
    public List<JobSnapshot> dispatched() {
        return of(Entry.Dispatched.class).map(Entry.Dispatched::job).toList();
    }

    /** The events of a type, its subtypes included. */
    public <E extends Event> List<E> events(Class<E> type) {
        return of(Entry.Told.class)
                .map(Entry.Told::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    /** The events that a job itself told, by the job's id. */
    public List<JobEvent> eventsOf(String jobId) {
        return events(JobEvent.class).stream()
                .filter(event -> event.correlationId().equals(jobId))
                .toList();
    }

    /** The states that an orchestrator came to, without the one that it began with. */
    @SuppressWarnings("unchecked") // an orchestrator's states are of one type
    public <S> List<S> states(BaseOrchestrator<S> orchestrator) {
        return of(Entry.StateChanged.class)
                .filter(change -> change.orchestrator().equals(orchestrator))
                .map(change -> (S) change.after())
                .toList();
    }

    /** What handlers, subscribers and listeners threw. */
    public List<Throwable> errors() {
        return of(Entry.Threw.class).map(Entry.Threw::error).toList();
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Line line : lines()) {
            text.append(String.format("%,12.3f s  ", line.at.toNanos() / 1e9))
                    .append(Told.inWords(line.entry))
                    .append('\n');
        }
        return text.isEmpty() ? "(nothing happened)\n" : text.toString();
    }
}
