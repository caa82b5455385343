package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Named;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** P7, P8: options come from the dispatch, the job and the registration, field by field and in that order. */
class OptionsTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final AtomicInteger reads = new AtomicInteger();

    private final class Bringing implements JobWithOptions<String> {
        private final JobOptions options;

        Bringing(JobOptions options) {
            this.options = options;
        }

        @Override
        public JobOptions options() {
            reads.incrementAndGet();
            return options;
        }
    }

    /** The options with which a job runs whose three sources set these. */
    private JobOptions settled(JobOptions atDispatch, JobOptions ofJob, JobOptions atRegistration) {
        var inside = new Gate();
        var registration =
                dispatcher.register(Bringing.class, (job, context) -> inside.passUninterruptibly(""), atRegistration);
        var handle = dispatcher.dispatch(new Bringing(ofJob), atDispatch);
        JobOptions settled = runOf(handle).options();
        inside.open();
        endingOf(handle);
        registration.close();
        return settled;
    }

    private JobRun<?> runOf(JobHandle<?> handle) {
        return bus.runs().all().stream()
                .filter(run -> run.id().equals(handle.id()))
                .findAny()
                .orElseThrow();
    }

    /** Sets one field to one of three values, and reads it. */
    private record Field<T>(
            String name,
            List<T> values,
            BiFunction<JobOptions.Builder, T, JobOptions.Builder> set,
            Function<JobOptions, @Nullable Object> read) {
        JobOptions with(int value) {
            return set.apply(JobOptions.builder(), values.get(value)).build();
        }
    }

    private static List<Field<?>> fieldsOfAllThree() {
        var one = Duration.ofSeconds(100);
        var two = Duration.ofSeconds(200);
        var three = Duration.ofSeconds(300);
        List<Executor> workers = List.of(worker("one"), worker("two"), worker("three"));
        return List.of(
                new Field<>("timeout", List.of(one, two, three), JobOptions.Builder::timeout, JobOptions::timeout),
                new Field<>(
                        "attemptTimeout",
                        List.of(one, two, three),
                        JobOptions.Builder::attemptTimeout,
                        JobOptions::attemptTimeout),
                new Field<>("grace", List.of(one, two, three), JobOptions.Builder::grace, JobOptions::grace),
                new Field<>(
                        "progressInterval",
                        List.of(one, two, three),
                        JobOptions.Builder::progressInterval,
                        JobOptions::progressInterval),
                new Field<>(
                        "retry",
                        List.of(RetryPolicy.fixed(2, one), RetryPolicy.fixed(3, two), RetryPolicy.none()),
                        JobOptions.Builder::retry,
                        JobOptions::retry),
                new Field<>("worker", workers, JobOptions.Builder::worker, JobOptions::worker));
    }

    private static Executor worker(String name) {
        return task -> Thread.ofVirtual().name(name).start(task);
    }

    @Test
    void the_dispatch_wins_over_the_job_and_the_job_over_the_registration_in_every_field() {
        for (Field<?> field : fieldsOfAllThree()) {
            JobOptions first = field.with(0);
            JobOptions second = field.with(1);
            JobOptions third = field.with(2);
            assertThat(field.read.apply(settled(first, second, third)))
                    .as(field.name)
                    .isEqualTo(field.values.get(0));
            assertThat(field.read.apply(settled(JobOptions.none(), second, third)))
                    .as(field.name)
                    .isEqualTo(field.values.get(1));
            assertThat(field.read.apply(settled(JobOptions.none(), JobOptions.none(), third)))
                    .as(field.name)
                    .isEqualTo(field.values.get(2));
        }
    }

    @Test
    void what_a_stronger_source_leaves_unset_falls_through_field_by_field() {
        var atDispatch = JobOptions.builder().timeout(HOUR).build();
        var ofJob = JobOptions.builder()
                .timeout(HOUR.multipliedBy(2))
                .grace(Duration.ZERO)
                .build();
        var atRegistration = JobOptions.builder()
                .grace(HOUR)
                .attemptTimeout(HOUR.multipliedBy(3))
                .build();
        assertThat(settled(atDispatch, ofJob, atRegistration))
                .isEqualTo(JobOptions.builder()
                        .timeout(HOUR)
                        .grace(Duration.ZERO)
                        .attemptTimeout(HOUR.multipliedBy(3))
                        .build());
    }

    @Test
    void no_limit_and_no_retry_are_set_values_that_nothing_weaker_replaces() {
        var nothing = JobOptions.builder()
                .noTimeout()
                .noAttemptTimeout()
                .progressInterval(Duration.ZERO)
                .retry(RetryPolicy.none())
                .build();
        var everything = JobOptions.builder()
                .timeout(HOUR)
                .attemptTimeout(HOUR)
                .progressInterval(HOUR)
                .retry(RetryPolicy.fixed(3, HOUR))
                .build();
        for (JobOptions settled :
                List.of(settled(nothing, everything, everything), settled(JobOptions.none(), nothing, everything))) {
            assertThat(settled.timeout()).isNull();
            assertThat(settled.attemptTimeout()).isNull();
            assertThat(settled.progressInterval()).isNull();
            assertThat(settled.retry()).isEqualTo(RetryPolicy.none());
        }
    }

    @Test
    void a_limit_wins_over_no_limit_of_a_weaker_source() {
        var none = JobOptions.builder().noTimeout().noAttemptTimeout().build();
        var limited = JobOptions.builder().timeout(HOUR).attemptTimeout(HOUR).build();
        JobOptions settled = settled(limited, none, none);
        assertThat(settled.timeout()).isEqualTo(HOUR);
        assertThat(settled.attemptTimeout()).isEqualTo(HOUR);
    }

    @Test
    void a_job_without_any_options_has_no_limits_one_attempt_and_the_usual_grace() {
        JobOptions settled = settled(JobOptions.none(), JobOptions.none(), JobOptions.none());
        assertThat(settled).isEqualTo(JobOptions.none());
        assertThat(settled.timeout()).isNull();
        assertThat(settled.attemptTimeout()).isNull();
        assertThat(settled.progressInterval()).isNull();
        assertThat(settled.retry()).isEqualTo(RetryPolicy.none());
        assertThat(settled.grace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settled.token()).isNull();
    }

    @Test
    void the_options_of_a_job_are_read_once_per_dispatch() {
        var options = JobOptions.builder()
                .retry(RetryPolicy.fixed(3, HOUR))
                .timeout(HOUR.multipliedBy(9))
                .joinRunning("key")
                .build();
        dispatcher.register(Bringing.class, (job, context) -> {
            if (context.attempt() < 3) throw new IOException("again");
            return "done";
        });
        var job = new Bringing(options);
        for (int dispatches = 1; dispatches <= 3; dispatches++) {
            var handle = dispatcher.dispatch(job);
            for (int wait = 0; wait < 2; wait++) {
                TestWork.until(() -> time.pending() == 2, "no wait began");
                time.advance(HOUR);
            }
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
            assertThat(reads).hasValue(dispatches);
            TestWork.until(() -> time.pending() == 0, "a timer is left");
        }
    }

    @Test
    void a_job_may_bring_a_token_and_a_key() {
        var token = new CancellationToken();
        var ofJob = JobOptions.builder()
                .token(token)
                .limitPerKey("key", RunLimit.of(3))
                .dropIfRunning("key")
                .build();
        assertThat(settled(JobOptions.none(), ofJob, JobOptions.none()).token()).isSameAs(token);
        assertThat(token.size()).isZero();
    }

    // ---- the id ----

    @Test
    void a_dispatch_may_name_the_id_of_a_job_that_brings_none() {
        dispatcher.register(Work.class, (job, context) -> context.jobId());
        var handle =
                dispatcher.dispatch(new Work(1), JobOptions.builder().id("mine").build());
        assertThat(handle.id()).isEqualTo("mine");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("mine"));
    }

    @Test
    void the_id_that_a_job_brings_wins_over_that_of_the_dispatch() {
        dispatcher.register(Named.class, (job, context) -> context.jobId());
        var handle = dispatcher.dispatch(
                new Named("of the job"),
                JobOptions.builder().id("of the dispatch").build());
        assertThat(handle.id()).isEqualTo("of the job");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("of the job"));
    }

    // ---- where they work ----

    @Test
    void the_worker_of_a_registration_runs_its_jobs_and_no_others() throws Exception {
        try (var cpu = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name("cpu").unstarted(task))) {
            dispatcher.register(
                    Work.class,
                    (job, context) -> Thread.currentThread().getName(),
                    JobOptions.builder().worker(cpu).build());
            dispatcher.register(
                    Part.class,
                    (job, context) -> String.valueOf(Thread.currentThread().isVirtual()));
            assertThat(dispatcher.run(new Work(1))).isEqualTo("cpu");
            assertThat(dispatcher.run(new Part(1))).isEqualTo("true");
            assertThat(dispatcher.run(
                            new Work(1),
                            JobOptions.builder().worker(Runnable::run).build()))
                    .isEqualTo(Thread.currentThread().getName());
        }
    }

    @Test
    void every_attempt_runs_on_the_worker_of_the_registration() {
        try (var cpu = Executors.newSingleThreadExecutor(
                task -> Thread.ofPlatform().name("cpu").unstarted(task))) {
            var names = new ArrayList<String>();
            dispatcher.register(
                    Work.class,
                    (job, context) -> {
                        names.add(Thread.currentThread().getName());
                        return new FailingWork(new IOException("first")).execute(job, context);
                    },
                    JobOptions.builder()
                            .worker(cpu)
                            .retry(RetryPolicy.fixed(2, HOUR))
                            .build());
            var handle = dispatcher.dispatch(new Work(1));
            TestWork.until(() -> time.pending() == 1, "no wait began");
            time.advance(HOUR);
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("attempt 2"));
            assertThat(names).containsExactly("cpu", "cpu");
        }
    }

    @Test
    void a_child_is_dispatched_with_options_of_its_own_and_inherits_none() {
        var inside = new Gate();
        var child = new AtomicReference<JobOptions>();
        dispatcher.register(Part.class, (job, context) -> inside.pass("done"));
        dispatcher.register(Work.class, (job, context) -> {
            var handle = context.dispatch(
                    new Part(1), JobOptions.builder().id("child").timeout(HOUR).build());
            child.set(runOf(handle).options());
            inside.awaitArrival();
            inside.open();
            return TestWork.valueOf(handle.result()).orThrow() + " by " + handle.id();
        });
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder()
                        .timeout(HOUR.multipliedBy(2))
                        .attemptTimeout(HOUR)
                        .build());
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done by child"));
        assertThat(child.get())
                .isEqualTo(JobOptions.builder().id("child").timeout(HOUR).build());
        TestWork.until(() -> time.pending() == 0, "a timer is left");
    }

    @Test
    void a_child_that_runs_out_of_its_time_is_told_as_timed_out_and_its_parent_goes_on() {
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> inside.pass("never"));
        dispatcher.register(Work.class, (job, context) -> {
            var handle = context.dispatch(
                    new Part(1), JobOptions.builder().timeout(HOUR).build());
            return String.valueOf(TestWork.valueOf(handle.result()));
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        time.advance(HOUR);
        assertThat(endingOf(handle))
                .isEqualTo(new JobResult.Success<>(String.valueOf(new JobResult.TimedOut<String>(HOUR))));
    }
}
