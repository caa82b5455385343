package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A saga written as code: what was done is undone, newest first, each step exactly once, and its report says so. */
class SagaTest {
    private record Book(String what) implements Job<String> {}

    private final SignalBus bus = SignalBus.scoped();
    private final RecordedEvents events = new RecordedEvents();
    private final List<String> log = new ArrayList<>();
    private final Saga saga = Saga.named("trip", bus);

    SagaTest() {
        bus.subscribe(SagaEvent.class, events);
    }

    @AfterEach
    void close() {
        bus.close();
    }

    private void book(String what) throws Exception {
        saga.step(what, () -> done(what), receipt -> log.add("undo " + receipt));
    }

    private String done(String what) {
        log.add(what);
        return what;
    }

    private void fails(String what, Exception error) {
        assertThatThrownBy(() -> saga.step(
                        what,
                        () -> {
                            throw error;
                        },
                        receipt -> log.add("undo " + receipt)))
                .isSameAs(error);
    }

    // ---- to the end ----

    @Test
    void a_committed_saga_undoes_nothing() throws Exception {
        book("flight");
        book("hotel");
        assertThat(saga.commit()).isEqualTo(new SagaReport.Completed<>("trip", saga.id(), null));
        assertThat(log).containsExactly("flight", "hotel");
        assertThatThrownBy(saga::rollback)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("trip");
        assertThatThrownBy(saga::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> book("car")).isInstanceOf(IllegalStateException.class);
        assertThat(log).containsExactly("flight", "hotel");
    }

    @Test
    void a_step_gives_what_its_action_gives() throws Exception {
        assertThat(saga.step(() -> 42, number -> log.add("undo " + number))).isEqualTo(42);
    }

    // ---- back ----

    @Test
    void what_was_done_is_undone_newest_first_with_what_each_step_gave() throws Exception {
        book("flight");
        book("hotel");
        var error = new IOException("no car");
        fails("car", error);
        assertThat(saga.rollback())
                .isEqualTo(new SagaReport.Compensated<>(
                        "trip", saga.id(), Optional.of(error), List.of("hotel", "flight")));
        assertThat(log).containsExactly("flight", "hotel", "undo hotel", "undo flight");
    }

    @Test
    void one_failing_compensation_does_not_stop_the_others_and_nobody_misses_it() throws Exception {
        book("flight");
        var stuck = new IOException("the hotel does not answer");
        saga.step("hotel", () -> done("hotel"), receipt -> {
            throw stuck;
        });
        book("car");
        var error = new IOException("no seat");
        fails("seat", error);
        assertThat(saga.rollback())
                .isEqualTo(new SagaReport.CompensationFailed<>(
                        "trip",
                        saga.id(),
                        Optional.of(error),
                        List.of("car", "flight"),
                        List.of(new SagaReport.NotUndone("hotel", stuck))));
        assertThat(log).containsExactly("flight", "hotel", "car", "undo car", "undo flight");
        assertThat(error.getSuppressed())
                .singleElement()
                .satisfies(told -> assertThat(told)
                        .isInstanceOf(CompensationFailedException.class)
                        .hasMessageContaining("could not undo hotel")
                        .hasSuppressedException(stuck));
    }

    @Test
    void a_second_rollback_gives_the_same_report_and_undoes_nothing() throws Exception {
        book("flight");
        var report = saga.rollback();
        assertThat(saga.rollback()).isSameAs(report);
        assertThat(report)
                .isEqualTo(new SagaReport.Compensated<>("trip", saga.id(), Optional.empty(), List.of("flight")));
        assertThat(log).containsExactly("flight", "undo flight");
    }

    @Test
    void an_interrupt_does_not_stop_the_rollback_and_is_kept() throws Exception {
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Book.class, (job, context) -> done("undo " + job.what()));
        for (String what : List.of("flight", "hotel")) {
            saga.step(what, () -> done(what), receipt -> dispatcher.run(new Book(receipt)));
        }
        Thread.currentThread().interrupt();
        saga.rollback();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(log).containsExactly("flight", "hotel", "undo hotel", "undo flight");
        dispatcher.close();
    }

    @Test
    void a_step_that_was_under_way_while_the_saga_was_rolled_back_is_undone_by_itself() {
        var inside = new Gate();
        var step = TestWork.inAnotherThread(() -> assertThatThrownBy(
                        () -> saga.step("flight", () -> inside.pass("seat 7"), receipt -> log.add("undo " + receipt)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("has ended"));
        inside.awaitArrival();
        saga.rollback();
        inside.open();
        TestWork.valueOf(step);
        assertThat(log).containsExactly("undo seat 7");
    }

    // ---- what nobody knows ----

    static Stream<Exception> unknown() {
        return Stream.of(
                new JobTimeoutException(Duration.ofSeconds(1)),
                new JobCancelledException("not wanted"),
                new TimeoutException("too slow"),
                new CancellationException("not wanted"),
                new InterruptedException("stopped"));
    }

    @ParameterizedTest
    @MethodSource("unknown")
    void a_step_whose_effect_is_unknown_is_undone_if_it_says_so(Exception error) {
        assertThatThrownBy(() -> saga.step(
                        "flight",
                        () -> {
                            throw error;
                        },
                        receipt -> log.add("undo " + receipt),
                        unknown -> log.add("undo whatever came before " + unknown.getMessage())))
                .isSameAs(error);
        fails("hotel", error);
        saga.rollback();
        assertThat(log).containsExactly("undo whatever came before " + error.getMessage());
    }

    @Test
    void a_step_that_failed_for_sure_has_nothing_to_undo() {
        var error = new IOException("full");
        assertThatThrownBy(() -> saga.step(
                        "flight",
                        () -> {
                            throw error;
                        },
                        receipt -> log.add("undo"),
                        unknown -> log.add("undo unknown")))
                .isSameAs(error);
        saga.rollback();
        assertThat(log).isEmpty();
    }

    // ---- retries and limits ----

    @Test
    void a_compensation_is_retried_by_its_policy() throws Exception {
        var attempts = new AtomicInteger();
        saga.undoWith(
                JobOptions.builder().retry(RetryPolicy.fixed(3, Duration.ZERO)).build());
        saga.step("flight", () -> done("flight"), receipt -> {
            if (attempts.incrementAndGet() < 3) throw new IOException("busy");
        });
        assertThat(saga.rollback()).isInstanceOf(SagaReport.Compensated.class);
        assertThat(attempts).hasValue(3);
    }

    @Test
    void a_compensation_that_hangs_is_stopped_by_its_limit_and_the_others_go_on() throws Exception {
        var time = new VirtualTime();
        var hanging = new Gate();
        var limited = Saga.named("trip", SignalBus.builder().time(time).build())
                .undoWith(JobOptions.builder().timeout(Duration.ofMinutes(1)).build());
        limited.step("flight", () -> done("flight"), receipt -> log.add("undo " + receipt));
        limited.step("hotel", () -> done("hotel"), receipt -> hanging.pass(receipt));
        var report = new CompletableFuture<SagaReport<?>>();
        var rollback = TestWork.inAnotherThread(() -> report.complete(limited.rollback()));
        hanging.awaitArrival();
        time.advance(Duration.ofMinutes(1));
        TestWork.valueOf(rollback);
        if (TestWork.valueOf(report) instanceof SagaReport.CompensationFailed<?> failed) {
            assertThat(failed.left()).singleElement().satisfies(left -> {
                assertThat(left.step()).isEqualTo("hotel");
                assertThat(left.error()).isInstanceOf(JobTimeoutException.class);
            });
        } else {
            throw new AssertionError("the hotel cannot be undone");
        }
        assertThat(log).containsExactly("flight", "hotel", "undo flight");
    }

    // ---- events ----

    @Test
    void each_step_is_an_event_with_the_id_of_the_saga() throws Exception {
        book("flight");
        var error = new IOException("no hotel");
        fails("hotel", error);
        var report = saga.rollback();
        String id = saga.id();
        assertThat(events.all())
                .containsExactly(
                        new SagaEvent.StepDone("trip", id, "flight"),
                        new SagaEvent.StepFailed("trip", id, "hotel", error),
                        new SagaEvent.StepUndone("trip", id, "flight"),
                        new SagaEvent.Ended("trip", id, report));
        assertThat(Saga.named("trip", bus).id()).isNotEqualTo(id);
    }

    @Test
    void inside_a_job_they_are_events_of_the_job() throws Exception {
        var owned = new ArrayList<Event>();
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Book.class, (job, context) -> {
            var inside = Saga.named("trip", context);
            inside.step("flight", () -> "seat 7", receipt -> {});
            inside.commit();
            return inside.id();
        });
        class Owner extends BaseOrchestrator<String> {
            Owner() {
                super("", dispatcher, bus);
            }

            @Override
            protected void onActiveEvent(Event event) {
                owned.add(event);
            }
        }
        try (var owner = new Owner()) {
            var handle = owner.dispatch(new Book("flight"));
            assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>(handle.id() + "/trip"));
            owner.awaitIdle(TestWork.LIMIT);
            assertThat(owned)
                    .hasSize(2)
                    .first()
                    .isEqualTo(new SagaEvent.StepDone("trip", handle.id() + "/trip", "flight"));
        }
        dispatcher.close();
    }

    @Test
    void a_name_says_something() {
        assertThatThrownBy(() -> Saga.named(" ", bus))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the name of a saga");
        assertThatThrownBy(() -> saga.step(" ", () -> 1, number -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the name of a step");
    }
}
