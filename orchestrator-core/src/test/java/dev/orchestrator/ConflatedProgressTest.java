package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P8, P11: within the interval of a job one report is told, the last one never gets lost, and no timer stays. */
class ConflatedProgressTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    ConflatedProgressTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private JobHandle<String> dispatch(JobExecutor<Work, String> executor) {
        return dispatch(executor, JobOptions.builder());
    }

    private JobHandle<String> dispatch(JobExecutor<Work, String> executor, JobOptions.Builder options) {
        dispatcher.register(Work.class, executor);
        return dispatcher.dispatch(new Work(1), options.progressInterval(SECOND).build());
    }

    private List<JobProgress> told() {
        return events.of(JobProgressEvent.class).stream()
                .map(JobProgressEvent::progress)
                .toList();
    }

    private void awaitTold(int reports) {
        TestWork.until(() -> told().size() == reports, "there were not " + reports + " reports");
    }

    /** It has ended, its reports were these, and no timer is left. */
    private void assertEnded(JobHandle<String> handle, JobResult<String> result, double... fractions) {
        assertThat(endingOf(handle)).isEqualTo(result);
        events.awaitTerminalOf(handle.id());
        assertThat(told()).extracting(JobProgress::fraction).containsExactly(boxed(fractions));
        assertThat(events.all()).last().isInstanceOf(TerminalEvent.class);
        assertThat(time.pending()).as("timers left").isZero();
        time.advance(SECOND.multipliedBy(10));
        assertThat(events.all()).last().isInstanceOf(TerminalEvent.class);
    }

    private static Double[] boxed(double... fractions) {
        var boxed = new Double[fractions.length];
        for (int i = 0; i < fractions.length; i++) boxed[i] = fractions[i];
        return boxed;
    }

    @Test
    void the_first_report_is_told_at_once_and_the_last_before_a_success() {
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            assertThat(told()).hasSize(1);
            for (int i = 2; i <= 9; i++) context.progress(i / 10.0);
            assertThat(told()).hasSize(1);
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0.1, 0.9);
    }

    @Test
    void the_last_report_is_told_before_a_failure() {
        var error = new IOException("failed");
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            context.progress(0.2);
            throw error;
        });
        assertEnded(handle, new JobResult.Failure<>(error), 0.1, 0.2);
    }

    @Test
    void the_last_report_is_told_before_an_early_ending() {
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            context.progress(0.2);
            RunAttempt.of(context).succeed("early");
            context.progress(0.3);
            return "dropped";
        });
        assertEnded(handle, new JobResult.Success<>("early"), 0.1, 0.2);
    }

    @Test
    void a_report_that_was_kept_back_is_not_told_when_the_job_was_cancelled() {
        var inside = new Gate();
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            context.progress(0.2);
            return inside.pass("never");
        });
        inside.awaitArrival();
        handle.cancel("enough");
        assertEnded(handle, new JobResult.Cancelled<>("enough"), 0.1);
    }

    @Test
    void a_report_that_was_kept_back_is_not_told_when_the_job_timed_out() {
        var inside = new Gate();
        var total = SECOND.dividedBy(2);
        var handle = dispatch(
                (job, context) -> {
                    context.progress(0.1);
                    context.progress(0.2);
                    return inside.pass("never");
                },
                JobOptions.builder().timeout(total));
        inside.awaitArrival();
        time.advance(total);
        assertEnded(handle, new JobResult.TimedOut<>(total), 0.1);
    }

    @Test
    void later_reports_are_told_one_per_interval_and_each_is_the_latest() {
        var context = new AtomicReference<JobContext>();
        var inside = new Gate();
        var handle = dispatch((job, mine) -> {
            context.set(mine);
            return inside.pass("done");
        });
        inside.awaitArrival();
        context.get().progress(0.1);
        context.get().progress(0.2);
        context.get().progress(0.3);
        time.advance(SECOND.minusNanos(1));
        assertThat(told()).hasSize(1);
        time.advance(Duration.ofNanos(1));
        awaitTold(2);
        context.get().progress(0.4);
        context.get().progress(0.5);
        time.advance(SECOND);
        awaitTold(3);
        time.advance(SECOND); // nothing was reported: the interval is over
        assertThat(time.pending()).isZero();
        context.get().progress(0.6);
        awaitTold(4);
        assertThat(time.pending()).isOne();
        inside.open();
        assertEnded(handle, new JobResult.Success<>("done"), 0.1, 0.3, 0.5, 0.6);
    }

    @Test
    void a_lower_report_is_dropped_also_while_it_would_be_kept_back() {
        var handle = dispatch((job, context) -> {
            context.progress(0.5);
            context.progress(0.7);
            context.progress(0.6);
            context.progress(0.6, "lower");
            context.progress(Double.NaN);
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0.5, 0.7);
    }

    @Test
    void a_fraction_is_put_between_0_and_1_also_while_it_is_kept_back() {
        var handle = dispatch((job, context) -> {
            context.progress(-0.0);
            context.progress(-5);
            context.progress(17);
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0.0, 1.0);
    }

    @Test
    void of_two_reports_with_the_same_fraction_the_later_one_counts() {
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            context.progress(0.5);
            context.progress(0.5, "with a message");
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0.1, 0.5);
        assertThat(told().getLast().message()).isEqualTo("with a message");
    }

    @Test
    void a_plain_report_replaces_one_with_a_message_and_the_same_fraction() {
        var handle = dispatch((job, context) -> {
            context.progress(0.1);
            context.progress(0.5, "with a message");
            context.progress(0.5);
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0.1, 0.5);
        assertThat(told().getLast().message()).isNull();
    }

    @Test
    void a_report_that_is_kept_back_can_be_asked_for() throws Exception {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.1);
            context.progress(0.2);
            return inside.pass("done");
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var handle = owner.dispatch(
                new Work(1), JobOptions.builder().progressInterval(SECOND).build());
        inside.awaitArrival();
        assertThat(owner.progress(handle.id())).isEqualTo(Optional.of(JobProgress.of(0.2)));
        inside.open();
        endingOf(handle);
        owner.awaitIdle(LIMIT);
        assertThat(owner.progress(handle.id())).isEmpty();
    }

    @Test
    void the_high_water_is_the_jobs_across_its_attempts() {
        var handle = dispatch(
                (job, context) -> {
                    if (context.attempt() == 1) {
                        context.progress(0.5);
                        context.progress(0.6);
                        throw new IOException("first");
                    }
                    context.progress(0.1);
                    context.progress(0.55);
                    context.progress(0.7);
                    return "done";
                },
                JobOptions.builder().retry(RetryPolicy.fixed(2, SECOND.multipliedBy(5))));
        TestWork.until(() -> time.pending() == 2, "no wait began");
        time.advance(SECOND.multipliedBy(5));
        assertEnded(handle, new JobResult.Success<>("done"), 0.5, 0.6, 0.7);
    }

    @Test
    void zero_tells_every_report_although_the_registration_has_an_interval() {
        dispatcher.register(
                Work.class,
                (job, context) -> {
                    for (int i = 1; i <= 5; i++) context.progress(i / 10.0);
                    return "done";
                },
                JobOptions.builder().progressInterval(SECOND).build());
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder().progressInterval(Duration.ZERO).build());
        assertEnded(handle, new JobResult.Success<>("done"), 0.1, 0.2, 0.3, 0.4, 0.5);
    }

    @Test
    void ten_million_reports_of_a_tight_loop_are_told_as_the_first_and_the_last() {
        int reports = 10_000_000;
        var handle = dispatch((job, context) -> {
            for (int i = 0; i <= reports; i++) context.progress((double) i / reports);
            return "done";
        });
        assertEnded(handle, new JobResult.Success<>("done"), 0, 1);
    }

    @Test
    void reports_by_four_threads_never_go_back_and_the_highest_is_told_while_intervals_end() {
        for (int round = 0; round < 50; round++) {
            var myTime = new VirtualTime();
            var myBus = SignalBus.builder().time(myTime).build();
            var mine = Dispatcher.create(myBus);
            var heard = new RecordedEvents();
            myBus.subscribe(JobEvent.class, heard);
            mine.register(Work.class, (job, context) -> {
                Together.onThreads(5, thread -> {
                    for (int i = 0; i <= 500; i++) {
                        if (thread == 4) myTime.advance(SECOND);
                        else if (thread % 2 == 0) context.progress((4 * i + thread) / 2_003.0);
                        else context.progress((4 * i + thread) / 2_003.0, "of " + thread);
                    }
                });
                return "done";
            });
            var handle = mine.dispatch(
                    new Work(1), JobOptions.builder().progressInterval(SECOND).build());
            endingOf(handle);
            heard.awaitTerminalOf(handle.id());
            var fractions = heard.of(JobProgressEvent.class).stream()
                    .map(JobProgressEvent::fraction)
                    .toList();
            assertThat(fractions).isSorted().doesNotHaveDuplicates().endsWith(1.0);
            assertThat(heard.all()).last().isInstanceOf(TerminalEvent.class);
            assertThat(myTime.pending()).isZero();
        }
    }

    @Test
    void a_report_that_meets_the_end_of_its_interval_is_told_within_the_next() {
        for (int round = 0; round < 500; round++) {
            var myTime = new VirtualTime();
            var myBus = SignalBus.builder().time(myTime).build();
            var mine = Dispatcher.create(myBus);
            var heard = new RecordedEvents();
            myBus.subscribe(JobProgressEvent.class, heard);
            var inside = new Gate();
            var context = new AtomicReference<JobContext>();
            mine.register(Work.class, (job, given) -> {
                context.set(given);
                given.progress(0.1);
                return inside.pass("done");
            });
            var handle = mine.dispatch(
                    new Work(1), JobOptions.builder().progressInterval(SECOND).build());
            inside.awaitArrival();
            int spins = round % 50;
            Together.run(1, none -> myTime.advance(SECOND), none -> {
                for (int i = 0; i < spins; i++) Thread.onSpinWait();
                context.get().progress(0.2);
            });
            myTime.advance(SECOND);
            TestWork.until(() -> heard.all().size() == 2, "the second report got lost");
            inside.open();
            endingOf(handle);
            assertThat(myTime.pending()).isZero();
        }
    }

    @Test
    void a_report_that_meets_the_end_of_its_interval_opens_the_next_one_whoever_comes_first() {
        int rounds = 60_000;
        var inside = new Gate();
        var context = new AtomicReference<JobContext>();
        var handle = dispatch((job, given) -> {
            context.set(given);
            given.progress(0);
            return inside.pass("done");
        });
        inside.awaitArrival();
        Together.run(
                rounds,
                round -> {
                    if (round % 2 == 0) context.get().progress((round + 1.0) / rounds);
                    else
                        assertThat(time.pending()).as("intervals that are open").isOne();
                },
                round -> {
                    if (round % 2 == 0) time.advance(SECOND);
                });
        inside.open();
        endingOf(handle);
        events.awaitTerminalOf(handle.id());
        assertThat(time.pending()).isZero();
    }
}
