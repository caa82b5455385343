package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.function.LongFunction;

/** A job of an orchestrator, whose success it counts in its state. */
final class OurRoundTrip implements RoundTrip {
    private record AddOne(long number) implements Job<Long> {}

    private static final class Owner extends BaseOrchestrator<Long> {
        Owner(Dispatcher dispatcher, SignalBus bus, Finish finish) {
            super(0L, dispatcher, bus);
            on(AddOne.class).success((job, result) -> {
                update(count -> count + 1);
                finish.handled(result, job.number() + 1);
            });
        }

        void addOne(long number, JobOptions options) {
            dispatch(new AddOne(number), options);
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Owner owner;
    private final LongFunction<JobOptions> options;

    private OurRoundTrip(Finish finish, LongFunction<JobOptions> options) {
        this.options = options;
        dispatcher.register(AddOne.class, (job, context) -> RoundTrip.work(job.number()));
        owner = new Owner(dispatcher, bus, finish);
        owner.start();
    }

    static RoundTrip plain(Finish finish) {
        return new OurRoundTrip(finish, number -> JobOptions.none());
    }

    /** With a time limit, a retry policy, a key and a limit per key. */
    static RoundTrip withOptions(Finish finish) {
        var policy = RetryPolicy.exponential(3, Duration.ofSeconds(1));
        var limit = RunLimit.of(2).orQueue(100);
        return new OurRoundTrip(
                finish,
                number -> JobOptions.builder()
                        .timeout(Duration.ofMinutes(1))
                        .retry(policy)
                        .joinRunning(number)
                        .limitPerKey(number, limit)
                        .build());
    }

    @Override
    public void submit(long number) {
        owner.addOne(number, options.apply(number));
    }

    @Override
    public void close() {
        owner.close();
        dispatcher.close();
        bus.close();
    }
}
