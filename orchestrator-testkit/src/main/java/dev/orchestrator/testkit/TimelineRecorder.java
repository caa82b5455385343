package dev.orchestrator.testkit;

import dev.orchestrator.ErrorHandler;
import dev.orchestrator.Event;
import dev.orchestrator.EventInfo;
import dev.orchestrator.Job;
import dev.orchestrator.JobSnapshot;
import dev.orchestrator.spi.OrchestratorControl;
import dev.orchestrator.spi.Probe;
import dev.orchestrator.spi.Time;
import dev.orchestrator.testkit.Timeline.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the timeline of a world: the probe and the error handler of its bus, and a subscriber of all its events. */
final class TimelineRecorder implements Probe, ErrorHandler, BiConsumer<Event, EventInfo> {
    private final Timeline timeline = new Timeline();
    private final Time time;
    private final Instant begin;

    // Written by whoever makes and closes orchestrators, read by the test.
    private final List<OrchestratorControl> open = new CopyOnWriteArrayList<>();

    TimelineRecorder(Time time) {
        this.time = time;
        this.begin = time.now();
    }

    Timeline timeline() {
        return timeline;
    }

    /** The orchestrators that were made and are not closed. */
    List<OrchestratorControl> openOrchestrators() {
        return List.copyOf(open);
    }

    private void add(Entry entry) {
        timeline.add(Duration.between(begin, time.now()), entry);
    }

    @Override
    public void accept(Event event, EventInfo info) {
        add(new Entry.Told(event, info));
    }

    @Override
    public void onError(Throwable error, String handler, @Nullable Event event) {
        add(new Entry.Threw(error, handler, event));
    }

    @Override
    public void accepted(JobSnapshot job) {
        add(new Entry.Dispatched(job));
    }

    @Override
    public void refused(Job<?> job, Throwable why) {
        add(new Entry.Refused(job, why));
    }

    @Override
    public void opened(OrchestratorControl orchestrator) {
        open.add(orchestrator);
        add(new Entry.Opened(orchestrator.orchestrator()));
    }

    @Override
    public void stateChanged(OrchestratorControl orchestrator, Object before, Object after) {
        add(new Entry.StateChanged(orchestrator.orchestrator(), before, after));
    }

    @Override
    public void closed(OrchestratorControl orchestrator) {
        open.remove(orchestrator);
        add(new Entry.Closed(orchestrator.orchestrator()));
    }
}
