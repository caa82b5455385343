package dev.orchestrator;

import dev.orchestrator.spi.DrivenType;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import dev.orchestrator.spi.Probe;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A world with a driver that does what the test says, in which nothing happens by itself. */
final class DrivenWorld implements JobDriver<DrivenWorld.Ship, String>, Probe {
    /** A job that is done elsewhere. */
    record Ship(int number) implements Job<String> {}

    /** A job that is done here. */
    record Pack(int number) implements Job<String> {}

    final VirtualTime time = new VirtualTime();
    final ManualThreads threads = new ManualThreads();
    final SignalBus bus =
            SignalBus.builder().time(time).threads(threads).probe(this).build();
    final Dispatcher dispatcher = Dispatcher.create(bus);
    final DrivenType<Ship, String> driven = dispatcher.drive(Ship.class, this, JobOptions.none());
    final RecordedEvents events = new RecordedEvents();
    final ManualLane lane = new ManualLane();

    /** What the driver does when it is asked to start a job, or to take one up again. */
    Consumer<JobControl<String>> onStart = control -> {};

    /** The numbers of the jobs that the driver was asked to start, and to take up again. */
    final List<Integer> started = new ArrayList<>();

    final List<Integer> adopted = new ArrayList<>();

    /** What the probe was told. */
    final List<String> probed = new ArrayList<>();

    private final Map<Integer, JobControl<String>> controls = new HashMap<>();

    DrivenWorld() {
        bus.subscribe(Event.class, events);
    }

    @Override
    public void start(Ship job, JobControl<String> control) {
        started.add(job.number());
        take(job, control);
    }

    @Override
    public void adopt(Ship job, JobControl<String> control) {
        adopted.add(job.number());
        take(job, control);
    }

    private void take(Ship job, JobControl<String> control) {
        controls.put(job.number(), control);
        onStart.accept(control);
    }

    @Override
    public void accepted(JobSnapshot job) {
        probed.add("accepted " + job.id() + " " + job.phase());
    }

    @Override
    public void refused(Job<?> job, Throwable why) {
        probed.add("refused " + job + " " + why.getMessage());
    }

    RecordedOrchestrator orchestrator() {
        return new RecordedOrchestrator(dispatcher, bus, lane);
    }

    JobControl<String> control(int number) {
        return controls.get(number);
    }

    JobHandle<String> ship(int number) {
        return dispatcher.dispatch(new Ship(number));
    }

    /** Lets everything happen that waits for a thread or a lane. */
    void settle() {
        threads.runAll();
        lane.runAll();
        threads.runAll();
    }

    /** The one job that is in flight. */
    JobSnapshot.Phase phase() {
        return bus.jobs().getFirst().phase();
    }

    /** The names of the events of a job that were told, in order. */
    List<String> told(JobHandle<?> handle) {
        return names(events.ofJob(handle.id()));
    }

    static List<String> names(List<? extends Event> events) {
        return events.stream().map(event -> event.getClass().getSimpleName()).toList();
    }

    static JobOptions id(String id) {
        return JobOptions.builder().id(id).build();
    }
}
