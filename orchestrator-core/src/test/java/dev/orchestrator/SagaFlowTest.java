package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A declared saga: its jobs in order, side by side, for each; undone newest first, each step exactly once. */
class SagaFlowTest {
    private record Do(String what) implements Job<String> {}

    private record Undo(String what) implements Job<Void> {}

    private record Whole(String input) implements Job<SagaReport<String>> {}

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Map<String, Exception> failures = new ConcurrentHashMap<>();
    private final Map<String, Gate> gates = new ConcurrentHashMap<>();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger mostInside = new AtomicInteger();

    SagaFlowTest() {
        bus.subscribe(SagaEvent.class, events);
        dispatcher.register(Do.class, (job, context) -> work(job.what()));
        dispatcher.register(Undo.class, (job, context) -> {
            work("undo " + job.what());
            return null;
        });
    }

    @AfterEach
    void close() {
        dispatcher.close();
        bus.close();
    }

    private String work(String what) throws Exception {
        mostInside.accumulateAndGet(inside.incrementAndGet(), Math::max);
        try {
            Gate gate = gates.get(what);
            if (gate != null) gate.pass(what);
            Exception failure = failures.get(what);
            if (failure != null) throw failure;
            log.add(what);
            return what;
        } finally {
            inside.decrementAndGet();
        }
    }

    /** Works on its input with its name before it. */
    private static SagaStep<String, String> step(String name) {
        return SagaStep.<String, String>of(name, input -> new Do(name + " " + input))
                .undo((input, result) -> new Undo(result));
    }

    private IOException fails(String what) {
        var error = new IOException(what + " failed");
        failures.put(what, error);
        return error;
    }

    private Gate gate(String what) {
        var gate = new Gate();
        gates.put(what, gate);
        return gate;
    }

    private <O> SagaReport<O> run(SagaFlow<String, O> flow) {
        return Saga.define("trip", flow).run("x", dispatcher);
    }

    private static List<String> undone(SagaReport<?> report) {
        return switch (report) {
            case SagaReport.Completed<?> completed -> List.of();
            case SagaReport.Compensated<?> compensated -> compensated.undone();
            case SagaReport.CompensationFailed<?> failed -> failed.undone();
        };
    }

    private static List<SagaReport.NotUndone> left(SagaReport<?> report) {
        if (report instanceof SagaReport.CompensationFailed<?> failed) return failed.left();
        throw new AssertionError("all is undone: " + report);
    }

    private static Optional<Throwable> because(SagaReport<?> report) {
        return switch (report) {
            case SagaReport.Completed<?> completed -> Optional.empty();
            case SagaReport.Compensated<?> compensated -> compensated.because();
            case SagaReport.CompensationFailed<?> failed -> failed.because();
        };
    }

    private static <O> O result(SagaReport<O> report) {
        if (report instanceof SagaReport.Completed<O> completed) return completed.result();
        throw new AssertionError("not completed: " + report);
    }

    // ---- one after the other ----

    @Test
    void each_step_gets_what_the_one_before_gave() {
        assertThat(result(run(step("a").then(step("b")).map(String::length)))).isEqualTo("b a x".length());
        assertThat(log).containsExactly("a x", "b a x");
    }

    @Test
    void what_both_gave_can_be_kept() {
        var flow = SagaFlow.<String>input().then(step("a"), (input, one) -> input + "+" + one);
        assertThat(result(run(flow))).isEqualTo("x+a x");
    }

    @Test
    void a_failure_undoes_what_was_done_newest_first() {
        var error = fails("c b a x");
        var report = run(step("a").then(step("b")).then(step("c")).then(step("d")));
        assertThat(report).isInstanceOf(SagaReport.Compensated.class);
        assertThat(because(report)).containsSame(error);
        assertThat(undone(report)).containsExactly("b", "a");
        assertThat(log).containsExactly("a x", "b a x", "undo b a x", "undo a x");
    }

    @Test
    void one_failing_compensation_does_not_stop_the_others() {
        var error = fails("c b a x");
        var stuck = fails("undo b a x");
        var report = run(step("a").then(step("b")).then(step("c")));
        assertThat(left(report)).isEqualTo(List.of(new SagaReport.NotUndone("b", stuck)));
        assertThat(undone(report)).containsExactly("a");
        assertThat(error.getSuppressed()).singleElement().isInstanceOf(CompensationFailedException.class);
    }

    @Test
    void steps_and_compensations_have_their_own_retries() {
        var attempts = new AtomicInteger();
        var thrice =
                JobOptions.builder().retry(RetryPolicy.fixed(3, Duration.ZERO)).build();
        dispatcher.register(Whole.class, (job, context) -> {
            if (attempts.incrementAndGet() < 3) throw new IOException("busy");
            return new SagaReport.Completed<>("", "", "");
        });
        fails("b x");
        var flow = SagaStep.<String, SagaReport<String>>of("a", Whole::new)
                .with(thrice)
                .undo((input, result) -> new Whole("undo"))
                .undoWith(thrice)
                .map(report -> "x")
                .then(step("b"));
        assertThat(run(flow)).isInstanceOf(SagaReport.Compensated.class);
        assertThat(attempts).hasValue(4); // three to do it, one to undo it
        attempts.set(0);
    }

    @Test
    void a_step_that_timed_out_is_undone_if_it_says_so() {
        var slow = gate("b a x");
        var limited = step("b")
                .with(JobOptions.builder().timeout(Duration.ofMillis(1)).build())
                .undoIfUnknown(input -> new Undo("whatever b did to " + input));
        var report = run(step("a").then(limited));
        assertThat(because(report)).get().isInstanceOf(JobTimeoutException.class);
        assertThat(undone(report)).containsExactly("b", "a");
        assertThat(log).containsExactly("a x", "undo whatever b did to a x", "undo a x");
        slow.open();
    }

    @Test
    void a_function_that_throws_stops_the_saga_as_a_step_does() {
        SagaFlow<String, Integer> flow = step("a").map(Integer::parseInt);
        var report = run(flow);
        assertThat(because(report)).get().isInstanceOf(NumberFormatException.class);
        assertThat(undone(report)).containsExactly("a");
    }

    @Test
    void a_job_without_executor_stops_the_saga() {
        record Unknown() implements Job<String> {}
        var report = run(step("a").then(SagaStep.<String, String>of("b", input -> new Unknown())));
        assertThat(because(report)).get().isInstanceOf(ExecutorNotFoundException.class);
        assertThat(undone(report)).containsExactly("a");
    }

    // ---- side by side ----

    @Test
    void all_of_several_are_under_way_at_once_and_give_in_their_order() {
        var a = gate("a x");
        var b = gate("b x");
        var run = Saga.define("trip", SagaFlow.<String, String>all(List.of(step("a"), step("b"))))
                .start("x", dispatcher);
        a.awaitArrival();
        b.awaitArrival();
        b.open();
        a.open();
        assertThat(result(TestWork.valueOf(run.report()))).isEqualTo(List.of("a x", "b x"));
    }

    @Test
    void when_one_of_all_fails_the_others_are_stopped_and_what_was_done_is_undone() {
        var stopped = gate("b x");
        var failing = gate("c x");
        var error = fails("c x");
        var run = Saga.define(
                        "trip", SagaFlow.<String, String>all(List.of(step("a").then(step("d")), step("b"), step("c"))))
                .start("x", dispatcher);
        stopped.awaitArrival();
        TestWork.until(() -> log.contains("d a x"), "the first branch did not end");
        failing.open();
        var report = TestWork.valueOf(run.report());
        assertThat(because(report)).containsSame(error);
        assertThat(undone(report)).containsExactly("d", "a");
        assertThat(error.getSuppressed()).isEmpty();
    }

    @Test
    void the_first_of_any_counts_the_others_are_stopped_and_undone() {
        var slow = gate("b a x");
        var fast = gate("c x");
        var run = Saga.define(
                        "trip", SagaFlow.<String, String>any(List.of(step("a").then(step("b")), step("c"))))
                .start("x", dispatcher);
        slow.awaitArrival();
        fast.open();
        assertThat(result(TestWork.valueOf(run.report()))).isEqualTo("c x");
        assertThat(log).containsExactly("a x", "c x", "undo a x");
    }

    @Test
    void any_goes_on_while_one_is_left_and_fails_with_the_last() {
        fails("a x");
        assertThat(result(run(SagaFlow.<String, String>any(List.of(step("a"), step("b"))))))
                .isEqualTo("b x");
        fails("b x");
        var report = run(SagaFlow.<String, String>any(List.of(step("a"), step("b"))));
        assertThat(because(report))
                .get()
                .satisfies(error -> assertThat(error.getSuppressed()).hasSize(1));
    }

    @Test
    void the_first_two_of_three_count() {
        var slow = gate("b x");
        var report = run(SagaFlow.<String, String>first(2, List.of(step("a"), step("b"), step("c"))));
        assertThat(result(report)).containsExactlyInAnyOrder("a x", "c x");
        slow.open();
    }

    @Test
    void what_is_not_needed_and_cannot_be_undone_stops_the_saga() {
        var slow = gate("b a x");
        var fast = gate("c x");
        var stuck = fails("undo a x");
        var run = Saga.define(
                        "trip", SagaFlow.<String, String>any(List.of(step("a").then(step("b")), step("c"))))
                .start("x", dispatcher);
        slow.awaitArrival();
        fast.open();
        var report = TestWork.valueOf(run.report());
        assertThat(left(report)).isEqualTo(List.of(new SagaReport.NotUndone("a", stuck)));
        assertThat(undone(report)).containsExactly("c");
    }

    @Test
    void for_each_has_a_limit_and_gives_in_the_order_of_the_inputs() {
        var flow = SagaFlow.<String>input()
                .map(input -> List.of("p", "q", "r", "s", "t"))
                .then(SagaFlow.forEach(2, step("a")));
        assertThat(result(run(flow))).isEqualTo(List.of("a p", "a q", "a r", "a s", "a t"));
        assertThat(mostInside.get()).isLessThanOrEqualTo(2);
        assertThat(result(run(
                        SagaFlow.<String>input().map(input -> List.<String>of()).then(SagaFlow.forEach(2, step("a"))))))
                .isEqualTo(List.of());
    }

    @Test
    void for_each_names_its_steps_by_their_place_and_undoes_those_that_were_done() {
        fails("a r");
        var report = run(SagaFlow.<String>input()
                .map(input -> List.of("p", "q", "r", "s"))
                .then(SagaFlow.forEach(1, step("a"))));
        assertThat(undone(report)).containsExactly("a[1]", "a[0]");
        assertThat(log).containsExactly("a p", "a q", "undo a q", "undo a p");
    }

    @Test
    void too_few_or_none_are_refused() {
        assertThatThrownBy(() -> SagaFlow.all(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SagaFlow.first(2, List.of(step("a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2 of 1");
        assertThatThrownBy(() -> SagaFlow.forEach(0, step("a"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SagaStep.of(" ", input -> new Do(""))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Saga.define("", step("a"))).isInstanceOf(IllegalArgumentException.class);
    }

    // ---- stopping ----

    @Test
    void cancelling_stops_what_is_under_way_and_undoes_what_was_done() {
        gate("b a x");
        var run = Saga.define("trip", step("a").then(step("b")).then(step("c"))).start("x", dispatcher);
        gates.get("b a x").awaitArrival();
        assertThat(run.cancel("the user changed her mind")).isTrue();
        var report = TestWork.valueOf(run.report());
        assertThat(because(report))
                .get()
                .isInstanceOfSatisfying(
                        JobCancelledException.class,
                        error -> assertThat(error).hasMessageContaining("the user changed her mind"));
        assertThat(undone(report)).containsExactly("a");
        assertThat(run.cancel("again")).isFalse();
    }

    @Test
    void cancelling_stops_what_is_under_way_side_by_side() {
        gate("a x");
        gate("b x");
        var run = Saga.define("trip", SagaFlow.<String, String>all(List.of(step("a"), step("b"))))
                .start("x", dispatcher);
        gates.get("a x").awaitArrival();
        gates.get("b x").awaitArrival();
        run.cancel("the user changed her mind");
        var report = TestWork.valueOf(run.report());
        assertThat(because(report)).get().isInstanceOf(JobCancelledException.class);
        assertThat(log).isEmpty();
    }

    @Test
    void a_cancel_behind_the_last_step_counts_until_the_end() {
        var behind = new Gate();
        var run =
                Saga.define("trip", step("a").map(behind::passUninterruptibly)).start("x", dispatcher);
        behind.awaitArrival();
        assertThat(run.cancel("the user changed her mind")).isTrue();
        behind.open();
        assertThat(undone(TestWork.valueOf(run.report()))).containsExactly("a");
    }

    @Test
    void a_saga_that_has_come_to_its_end_cannot_be_cancelled() throws Exception {
        var run = Saga.define("trip", step("a")).start("x", dispatcher);
        assertThat(result(run.await(TestWork.LIMIT))).isEqualTo("a x");
        assertThat(run.cancel("too late")).isFalse();
        assertThat(log).containsExactly("a x");
    }

    @Test
    void an_interrupt_of_the_waiting_thread_stops_it_and_is_kept() {
        gate("b a x");
        var report = new CopyOnWriteArrayList<SagaReport<String>>();
        var wasInterrupted = new CopyOnWriteArrayList<Boolean>();
        Thread thread = Thread.ofPlatform().start(() -> {
            report.add(run(step("a").then(step("b"))));
            wasInterrupted.add(Thread.currentThread().isInterrupted());
        });
        gates.get("b a x").awaitArrival();
        thread.interrupt();
        TestWork.until(() -> !wasInterrupted.isEmpty(), "the saga did not end");
        assertThat(undone(report.getFirst())).containsExactly("a");
        assertThat(wasInterrupted).containsExactly(true);
    }

    @Test
    void an_interrupt_while_it_undoes_does_not_stop_what_undoes() {
        fails("b a x");
        gate("undo a x");
        var report = new CopyOnWriteArrayList<SagaReport<String>>();
        var wasInterrupted = new CopyOnWriteArrayList<Boolean>();
        Thread thread = Thread.ofPlatform().start(() -> {
            report.add(run(step("a").then(step("b"))));
            wasInterrupted.add(Thread.currentThread().isInterrupted());
        });
        gates.get("undo a x").awaitArrival();
        thread.interrupt();
        TestWork.until(() -> !thread.isInterrupted(), "the saga did not notice");
        gates.get("undo a x").open();
        TestWork.until(() -> !wasInterrupted.isEmpty(), "the saga did not end");
        assertThat(undone(report.getFirst())).containsExactly("a");
        assertThat(wasInterrupted).containsExactly(true);
    }

    // ---- who runs it ----

    @Test
    void in_a_job_its_jobs_are_children_and_a_stop_of_the_job_undoes_them() {
        dispatcher.register(
                Whole.class,
                (job, context) -> Saga.define("trip", step("a").then(step("b"))).run(job.input(), context));
        assertThat(TestWork.endingOf(dispatcher.dispatch(new Whole("x"))))
                .isInstanceOfSatisfying(
                        JobResult.Success.class,
                        success -> assertThat(success.value()).isInstanceOf(SagaReport.Completed.class));
        log.clear();
        gate("b a x");
        var handle = dispatcher.dispatch(new Whole("x"));
        gates.get("b a x").awaitArrival();
        handle.cancel("not wanted");
        TestWork.until(() -> log.contains("undo a x"), "it was not undone");
        assertThat(log).containsExactly("a x", "undo a x");
    }

    @Test
    void an_orchestrator_owns_the_jobs_and_its_closing_undoes_them() {
        class Owner extends BaseOrchestrator<String> {
            Owner() {
                super("", dispatcher, bus);
            }
        }
        var owner = new Owner();
        var inside = gate("a x");
        var run = Saga.define("trip", step("a").then(step("b"))).start("x", owner);
        inside.awaitArrival();
        assertThat(owner.isRunning(Do.class)).isTrue();
        owner.close();
        inside.open();
        var report = TestWork.valueOf(run.report());
        assertThat(because(report)).get().isInstanceOf(IllegalStateException.class);
        assertThat(undone(report)).containsExactly("a");
    }

    @Test
    void each_step_is_an_event_with_the_id_of_the_saga_and_the_report_comes_last() {
        var error = fails("b a x");
        var run = Saga.define("trip", step("a").then(step("b"))).start("x", dispatcher);
        var report = TestWork.valueOf(run.report());
        assertThat(events.all())
                .containsExactly(
                        new SagaEvent.StepDone("trip", run.id(), "a"),
                        new SagaEvent.StepFailed("trip", run.id(), "b", error),
                        new SagaEvent.StepUndone("trip", run.id(), "a"),
                        new SagaEvent.Ended("trip", run.id(), report));
    }

    // ---- the diagram ----

    @Test
    void a_diagram_shows_the_steps_their_compensations_and_what_is_side_by_side() {
        var flow = step("a")
                .then(SagaFlow.<String, String>all(List.of(step("b"), SagaStep.<String, String>of("c", Do::new))));
        assertThat(Saga.define("my \"trip\"", flow).mermaid()).isEqualTo("""
            flowchart TD
                n0(["my &quot;trip&quot;"])
                n1["a"]
                n0 --> n1
                n2["undo a"]
                n1 -.-> n2
                n3{{"all"}}
                n1 --> n3
                n4["b"]
                n3 --> n4
                n5["undo b"]
                n4 -.-> n5
                n6["c"]
                n3 --> n6
                n7(( ))
                n4 --> n7
                n6 --> n7
                n8(["done"])
                n7 --> n8
            """);
    }
}
