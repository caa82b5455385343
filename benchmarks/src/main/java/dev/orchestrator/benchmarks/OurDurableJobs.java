package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.DurableOptions;
import dev.orchestrator.durable.DurableStore;
import java.time.Duration;
import java.util.List;

/** Durable jobs of an orchestrator, whose successes it counts in its state; each is acknowledged after that. */
final class OurDurableJobs implements DurableRoundTrip {
    private record AddOne(long number) implements Job<Long> {}

    private static final class Owner extends BaseOrchestrator<Long> {
        Owner(Dispatcher dispatcher, SignalBus bus, Finish finish) {
            super(0L, dispatcher, bus);
            on(AddOne.class).success((job, result) -> {
                update(count -> count + 1);
                finish.handled(result, job.number() + 1);
            });
        }

        @Override
        public String name() {
            return "adder";
        }

        void addOne(long number, JobOptions options) {
            dispatch(new AddOne(number), options);
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Durable durable;
    private final Owner owner;

    /**
     * Opens the database.
     *
     * @param poll null for what it does by itself
     */
    OurDurableJobs(Place place, Finish finish, Duration poll) {
        var store = place.isSqlite()
                ? DurableStore.sqlite(place.file())
                : DurableStore.postgres(place.address(), PostgresServer.USER, "");
        var builder = Durable.builder(dispatcher).store(store).workers(DurableRun.WORKERS);
        if (poll != null) builder.poll(poll);
        durable = builder.build();
        durable.register(AddOne.class, "add-one", 1, (job, context) -> RoundTrip.work(job.number()));
        owner = new Owner(dispatcher, bus, finish);
        owner.start();
        durable.takeUp(owner);
        durable.start();
    }

    @Override
    public void submit(long number) {
        owner.addOne(number, JobOptions.none());
    }

    /** Of no orchestrator: what one has to take up after a restart is another matter. */
    @Override
    public void submitForTomorrow(long number, int priority) {
        durable.dispatch(
                new AddOne(number),
                JobOptions.builder()
                        .extra(
                                DurableOptions.class,
                                DurableOptions.delayed(Duration.ofDays(1)).withPriority(priority))
                        .build());
    }

    @Override
    public List<Rows> rows() {
        return List.of(new Rows("orch_job", "id", "work"), new Rows("orch_queue", "task_instance"));
    }

    @Override
    public String unfinished() {
        return "select count(*) from orch_job where news > 0";
    }

    @Override
    public String ended() {
        return "select count(*) from orch_job where state = 'SUCCEEDED'";
    }

    @Override
    public void close() {
        owner.close();
        durable.close();
        dispatcher.close();
        bus.close();
    }
}
