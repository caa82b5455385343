package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** P9: options that cannot stand where they are given are refused at once, by a text that says why; nothing is tracked. */
class OptionsRefusalTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    OptionsRefusalTest() {
        bus.subscribe(Event.class, events);
    }

    private record Bringing(Supplier<JobOptions> source) implements JobWithOptions<String> {
        @Override
        public JobOptions options() {
            return source.get();
        }
    }

    private void assertNothingIsTracked() {
        assertThat(bus.runs().kept()).isZero();
        assertThat(events.all()).isEmpty();
        assertThat(time.pending()).isZero();
    }

    // ---- at a registration ----

    private void assertRefusedAtRegistration(JobOptions options, String why) {
        JobExecutor<Work, String> executor = (job, context) -> "never";
        AsyncJobExecutor<Work, String> async = (job, context) -> CompletableFuture.completedFuture("never");
        assertRefused(() -> dispatcher.register(Work.class, executor, options), why);
        assertRefused(() -> dispatcher.registerAsync(Work.class, async, options), why);
        assertRefused(() -> dispatcher.registerFamily(Work.class, (job, context) -> "never", options), why);
        assertThat(dispatcher.executors()).isEmpty();
        dispatcher.register(Work.class, executor);
        assertRefused(() -> dispatcher.replace(Work.class, executor, options), why);
        assertRefused(() -> dispatcher.replaceAsync(Work.class, async, options), why);
        assertThat(dispatcher.executors()).containsValue(executor);
    }

    private static void assertRefused(Runnable registering, String why) {
        assertThatThrownBy(registering::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(why + ", so it cannot stand in a registration");
    }

    @Test
    void an_id_is_refused_at_a_registration() {
        assertRefusedAtRegistration(JobOptions.builder().id("mine").build(), "an id belongs to one dispatch");
    }

    @Test
    void a_token_is_refused_at_a_registration() {
        assertRefusedAtRegistration(
                JobOptions.builder().token(new CancellationToken()).build(),
                "a cancellation token belongs to a dispatch or a job");
    }

    @Test
    void a_key_is_refused_at_a_registration() {
        assertRefusedAtRegistration(
                JobOptions.builder().joinRunning("key").build(), "a key belongs to a dispatch or a job");
    }

    @Test
    void the_key_of_a_limit_is_refused_at_a_registration() {
        assertRefusedAtRegistration(
                JobOptions.builder().limitPerKey("key", RunLimit.of(1)).build(),
                "the key of a limit belongs to a dispatch or a job");
    }

    // ---- in a job, and at a dispatch ----

    private void assertJobRefused(Supplier<JobOptions> options, Class<? extends Throwable> type, String message) {
        dispatcher.register(Bringing.class, (job, context) -> "never");
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var job = new Bringing(options);
        assertThatThrownBy(() -> dispatcher.dispatch(job)).isInstanceOf(type).hasMessage(message);
        assertThatThrownBy(() -> dispatcher.tryDispatch(job)).isInstanceOf(type).hasMessage(message);
        assertThatThrownBy(() -> dispatcher.run(job)).isInstanceOf(type).hasMessage(message);
        assertThatThrownBy(() -> owner.dispatch(job)).isInstanceOf(type).hasMessage(message);
        assertThat(owner.hasActiveJobs()).isFalse();
        assertNothingIsTracked();
    }

    @Test
    void an_id_is_refused_in_the_options_of_a_job() {
        assertJobRefused(
                () -> JobOptions.builder().id("mine").build(),
                IllegalArgumentException.class,
                "an id belongs to one dispatch, so it cannot stand in options() of " + Bringing.class.getName());
    }

    @Test
    void a_limit_of_a_type_is_refused_in_the_options_of_a_job() {
        assertJobRefused(
                () -> JobOptions.builder().limit(RunLimit.of(1)).build(),
                IllegalArgumentException.class,
                "a limit of a job type is set where its executor is registered, so it cannot stand in the options of a"
                        + " single job; use limitPerKey there");
    }

    @Test
    @SuppressWarnings("NullAway") // what a careless job returns
    void a_job_that_returns_null_for_its_options_is_refused() {
        assertJobRefused(
                () -> null,
                NullPointerException.class,
                "options() of " + Bringing.class.getName() + " returned null; return JobOptions.none()");
    }

    @Test
    void what_the_options_of_a_job_throw_is_thrown_from_the_dispatch() {
        assertJobRefused(
                () -> {
                    throw new UnsupportedOperationException("no options yet");
                },
                UnsupportedOperationException.class,
                "no options yet");
    }

    @Test
    void a_limit_of_a_type_is_refused_at_a_dispatch() {
        dispatcher.register(Work.class, (job, context) -> "never");
        assertThatThrownBy(() -> dispatcher.dispatch(
                        new Work(1), JobOptions.builder().limit(RunLimit.of(1)).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a limit of a job type is set where its executor is registered");
        assertNothingIsTracked();
    }

    @Test
    void a_child_with_options_that_cannot_stand_there_is_refused_and_its_parent_goes_on() throws Exception {
        var refused = new AtomicReference<Throwable>();
        dispatcher.register(Bringing.class, (job, context) -> "never");
        dispatcher.register(Work.class, (job, context) -> {
            try {
                context.dispatch(
                        new Bringing(() -> JobOptions.builder().id("mine").build()));
            } catch (IllegalArgumentException thrown) {
                refused.set(thrown);
            }
            return "done";
        });
        assertThat(dispatcher.run(new Work(1))).isEqualTo("done");
        assertThat(refused.get()).hasMessageContaining("an id belongs to one dispatch");
    }

    // ---- bad values ----

    private static void assertBad(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void assertNull(Runnable call, String what) {
        assertThatThrownBy(call::run).isInstanceOf(NullPointerException.class).hasMessageContaining(what);
    }

    @Test
    void a_value_that_makes_no_sense_is_refused_by_a_text_that_says_what_to_do() {
        var minus = Duration.ofSeconds(-5);
        var options = JobOptions.builder();
        assertBad(() -> options.id(" "), "a job's id must not be blank, was \" \"");
        for (Duration bad : new Duration[] {Duration.ZERO, minus, Duration.ofSeconds(Long.MIN_VALUE)}) {
            assertBad(
                    () -> options.timeout(bad),
                    "timeout must be longer than zero, was " + bad
                            + ". To run without one, leave timeout() out or use noTimeout()");
            assertBad(
                    () -> options.attemptTimeout(bad),
                    "attemptTimeout must be longer than zero, was " + bad
                            + ". To run without one, leave attemptTimeout() out or use noAttemptTimeout()");
            assertBad(
                    () -> options.debounce("key", bad),
                    "the silence of a debounce must be longer than zero, was " + bad
                            + ". To start at once, leave debounce() out");
            assertBad(
                    () -> options.throttle("key", bad),
                    "the window of a throttle must be longer than zero, was " + bad
                            + ". To take them all, leave throttle() out");
        }
        assertBad(
                () -> options.grace(minus),
                "grace must not be negative, was PT-5S. Use zero to tell a stopped job at once");
        assertBad(
                () -> options.progressInterval(minus),
                "progressInterval must not be negative, was PT-5S. Use zero to tell every report");
        assertBad(
                () -> options.queueIfRunning("key", 0),
                "a queue must have room for at least 1 job, was 0. Use dropIfRunning(key) for no queue");
        assertThat(options.build()).isEqualTo(JobOptions.none());
    }

    @Test
    void a_blank_key_is_refused_wherever_a_key_is_given() {
        var options = JobOptions.builder();
        var message = "a key must not be blank, was \"\"";
        assertBad(() -> options.joinRunning(""), message);
        assertBad(() -> options.dropIfRunning(""), message);
        assertBad(() -> options.replaceRunning(""), message);
        assertBad(() -> options.queueIfRunning("", 1), message);
        assertBad(() -> options.debounce("", Duration.ofSeconds(1)), message);
        assertBad(() -> options.throttle("", Duration.ofSeconds(1)), message);
        assertBad(() -> options.limitPerKey("", RunLimit.of(1)), message);
    }

    @Test
    @SuppressWarnings("NullAway") // what a careless caller passes
    void null_is_refused_by_its_name() {
        var options = JobOptions.builder();
        assertNull(() -> options.id(null), "a job's id");
        assertNull(() -> options.timeout(null), "timeout");
        assertNull(() -> options.attemptTimeout(null), "attemptTimeout");
        assertNull(() -> options.grace(null), "grace");
        assertNull(() -> options.progressInterval(null), "progressInterval");
        assertNull(() -> options.retry(null), "retry");
        assertNull(() -> options.worker(null), "worker");
        assertNull(() -> options.token(null), "token");
        assertNull(() -> options.limit(null), "limit");
        assertNull(() -> options.limitPerKey("key", null), "limit");
        assertNull(() -> options.limitPerKey(null, RunLimit.of(1)), "a key");
        assertNull(() -> options.joinRunning(null), "a key");
        assertNull(() -> options.debounce("key", null), "the silence of a debounce");
        assertNull(() -> options.throttle("key", null), "the window of a throttle");
        assertNull(() -> dispatcher.dispatch(new Work(1), null), "options");
    }

    @Test
    void limits_without_end_are_taken_and_the_job_runs() throws Exception {
        var for_ever = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
        var system = Dispatcher.create(SignalBus.scoped());
        system.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return new FailingWork(new IllegalStateException("first")).execute(job, context);
        });
        var options = JobOptions.builder()
                .timeout(for_ever)
                .attemptTimeout(for_ever)
                .grace(for_ever)
                .progressInterval(for_ever)
                .retry(RetryPolicy.fixed(Integer.MAX_VALUE, Duration.ZERO).maxElapsed(for_ever))
                .build();
        assertThat(system.run(new Work(1), options)).isEqualTo("attempt 2");
        system.close();
    }

    // ---- limits of running jobs ----

    @Test
    void a_limit_of_running_jobs_needs_numbers_above_zero() {
        assertBad(
                () -> RunLimit.of(0),
                "a limit of running jobs must be at least 1, was 0. To take no jobs at all, register no executor");
        assertBad(
                () -> RunLimit.of(-1),
                "a limit of running jobs must be at least 1, was -1. To take no jobs at all, register no executor");
        assertBad(
                () -> RunLimit.of(1).orQueue(0),
                "a queue must have room for at least 1 job, was 0. Use orRefuse() for no queue");
    }
}
