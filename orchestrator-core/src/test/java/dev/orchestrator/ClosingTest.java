package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

/** What a closing means: of a dispatcher, of a bus and of an orchestrator; every ending told, nothing new accepted. */
class ClosingTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    ClosingTest() {
        bus.subscribe(JobEvent.class, events);
    }

    private boolean isClosed(Dispatcher closing) {
        try {
            closing.dispatch(new Unknown());
            throw new AssertionError("nobody does that job");
        } catch (ExecutorNotFoundException stillOpen) {
            return false;
        } catch (IllegalStateException closed) {
            return true;
        }
    }

    private record Unknown() implements Job<String> {}

    /** Begins to close on another thread, and returns when nothing new is accepted. */
    private CompletableFuture<Void> beginToClose(Dispatcher closing) {
        var closed = inAnotherThread(closing::close);
        TestWork.until(() -> isClosed(closing), "it was never closed");
        return closed;
    }

    // ---- a dispatcher ----

    @Test
    void closing_waits_for_a_running_job_within_the_grace() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = beginToClose(dispatcher);
        time.advance(GRACE.minusNanos(1));
        assertThat(closed).isNotDone();
        inside.open();
        valueOf(closed);
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done"));
        assertThat(time.pending()).as("timers of the closing").isZero();
    }

    @Test
    void closing_cancels_a_job_that_is_left_after_the_grace() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = beginToClose(dispatcher);
        TestWork.until(() -> time.pending() > 0, "no timer was set");
        time.advance(GRACE);
        valueOf(closed);
        assertThat(handle.result().toCompletableFuture())
                .isCompletedWithValueMatching(it -> it instanceof JobResult.Cancelled<String>(String reason)
                        && reason.contains("dispatcher was closed"));
        assertThat(time.pending()).isZero();
    }

    @Test
    void closing_returns_one_grace_later_when_a_job_is_deaf_and_its_ending_is_told() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        try (var log = new RecordedLog()) {
            var closed = beginToClose(dispatcher);
            TestWork.until(() -> time.pending() > 0, "no timer was set");
            time.advance(GRACE);
            TestWork.until(() -> bus.runs().all().stream().noneMatch(JobRun::isRunning), "it was not stopped");
            assertThat(closed).isNotDone();
            TestWork.until(() -> time.pending() > 0, "no timer was set");
            time.advance(GRACE);
            valueOf(closed);
            assertThat(handle.result().toCompletableFuture())
                    .isCompletedWithValueMatching(JobResult.Cancelled.class::isInstance);
            assertThat(log.lines()).isNotEmpty();
        }
        events.awaitTerminalOf(handle.id());
        inside.open();
        assertThat(events.terminalOf(handle.id())).hasSize(1);
    }

    @Test
    void closing_without_grace_cancels_at_once_and_does_not_wait_for_a_deaf_job() {
        var inside = new Gate();
        var hasty = Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build();
        hasty.register(Work.class, (job, context) -> inside.passUninterruptibly("late"));
        var handle = hasty.dispatch(new Work(1));
        inside.awaitArrival();
        try (var log = new RecordedLog()) {
            valueOf(inAnotherThread(hasty::close));
            assertThat(handle.result().toCompletableFuture())
                    .isCompletedWithValueMatching(JobResult.Cancelled.class::isInstance);
            assertThat(log.texts("SEVERE")).isEmpty();
        }
        inside.open();
    }

    @Test
    void closing_tells_the_ending_of_a_job_that_waits_in_a_stuck_pool() {
        var queue = new ManualLane();
        var ran = new AtomicBoolean();
        var stuck = Dispatcher.builder().bus(bus).worker(queue).build();
        stuck.register(Work.class, (job, context) -> {
            ran.set(true);
            return "never";
        });
        var handle = stuck.dispatch(new Work(1));
        var closed = beginToClose(stuck);
        TestWork.until(() -> time.pending() > 0, "no timer was set");
        time.advance(GRACE);
        valueOf(closed);
        queue.runAll();
        events.awaitTerminalOf(handle.id());
        assertThat(ran).isFalse();
        assertThat(events.ofJob(handle.id())).singleElement().isInstanceOf(JobCancelledEvent.class);
    }

    @Test
    void closing_while_a_job_is_inside_a_subscriber_waits_for_it_and_tells_its_ending_once() {
        var inside = new Gate();
        bus.subscribe(JobProgressEvent.class, event -> inside.passUninterruptibly(""));
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return "done";
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = beginToClose(dispatcher);
        inside.open();
        valueOf(closed);
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done"));
        events.awaitTerminalOf(handle.id());
        assertThat(events.terminalOf(handle.id())).hasSize(1);
    }

    @Test
    void after_the_closing_plain_subscribers_have_every_ending() {
        for (int round = 0; round < 300; round++) {
            var events = new RecordedEvents();
            try (var own = SignalBus.scoped();
                    var subscription = own.subscribe(TerminalEvent.class, events)) {
                var closing = Dispatcher.create(own);
                closing.register(Work.class, (job, context) -> "done");
                var handles = new ArrayList<JobHandle<String>>();
                for (int i = 0; i < 10; i++) handles.add(closing.dispatch(new Work(i)));
                closing.close();
                assertThat(subscription).isNotNull();
                assertThat(handles)
                        .allSatisfy(handle ->
                                assertThat(events.terminalOf(handle.id())).hasSize(1));
            }
        }
    }

    @Test
    void closing_while_an_ending_is_being_told_returns() {
        var inside = new Gate();
        bus.subscribe(JobSuccessEvent.class, event -> inside.passUninterruptibly(""));
        dispatcher.register(Work.class, (job, context) -> "done");
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        valueOf(inAnotherThread(dispatcher::close));
        inside.open();
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done"));
    }

    @Test
    void closing_waits_for_code_that_goes_on_after_its_ending() {
        var inside = new Gate();
        var left = new AtomicBoolean();
        dispatcher.register(Work.class, new BaseExecutor<Work, String>() {
            @Override
            protected String process(Work job, JobContext context) {
                emitResult(context, "early");
                inside.passUninterruptibly("");
                left.set(true);
                return "dropped";
            }
        });
        endingOf(dispatcher.dispatch(new Work(1)));
        inside.awaitArrival();
        var closed = beginToClose(dispatcher);
        inside.open();
        valueOf(closed);
        assertThat(left).isTrue();
    }

    @Test
    void closing_covers_the_jobs_on_every_bus_that_the_dispatcher_serves() {
        var inside = new Gate();
        try (var other = SignalBus.builder().time(time).build()) {
            dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
            var orchestrator = new RecordedOrchestrator(dispatcher, other);
            var handle = orchestrator.dispatch(new Work(1));
            inside.awaitArrival();
            var closed = beginToClose(dispatcher);
            TestWork.until(() -> time.pending() > 0, "no timer was set");
            time.advance(GRACE);
            valueOf(closed);
            assertThat(handle.result().toCompletableFuture())
                    .isCompletedWithValueMatching(JobResult.Cancelled.class::isInstance);
        }
    }

    @Test
    void a_job_that_closes_its_dispatcher_does_not_wait_for_itself() {
        dispatcher.register(Work.class, (job, context) -> {
            dispatcher.close();
            return "done";
        });
        assertThat(endingOf(dispatcher.dispatch(new Work(1)))).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_job_that_closes_its_dispatcher_after_its_ending_does_not_wait_for_itself() {
        var returned = new CompletableFuture<Void>();
        dispatcher.register(Work.class, new BaseExecutor<Work, String>() {
            @Override
            protected String process(Work job, JobContext context) {
                emitResult(context, "early");
                dispatcher.close();
                returned.complete(null);
                return "dropped";
            }
        });
        dispatcher.dispatch(new Work(1));
        valueOf(returned);
    }

    @Test
    void a_handler_that_closes_the_dispatcher_does_not_wait() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        bus.subscribe(Happened.class, event -> dispatcher.close());
        bus.emit(new Happened(1)); // returns although the job runs
        assertThat(isClosed(dispatcher)).isTrue();
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_lane_that_closes_the_dispatcher_does_not_wait() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = new CompletableFuture<Void>();
        orchestrator.later(() -> {
            dispatcher.close();
            closed.complete(null);
        });
        valueOf(closed);
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_state_subscriber_that_closes_the_dispatcher_does_not_wait() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = new CompletableFuture<Void>();
        orchestrator.onState(state -> {
            dispatcher.close();
            closed.complete(null);
        });
        try {
            valueOf(closed);
        } finally {
            inside.open();
        }
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void an_interrupted_closing_cancels_at_once_and_keeps_the_interrupt() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("never"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var kept = new CompletableFuture<Boolean>();
        var closing = Thread.ofPlatform().start(() -> {
            dispatcher.close();
            kept.complete(Thread.currentThread().isInterrupted());
        });
        TestWork.until(() -> isClosed(dispatcher), "it was never closed");
        closing.interrupt();
        assertThat(valueOf(kept)).isTrue();
        assertThat(handle.result().toCompletableFuture())
                .isCompletedWithValueMatching(JobResult.Cancelled.class::isInstance);
    }

    @Test
    void closing_twice_does_no_harm_and_the_second_one_waits_too() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var first = beginToClose(dispatcher);
        var order = new ConcurrentLinkedQueue<String>();
        handle.result().thenRun(() -> order.add("ended"));
        var second = inAnotherThread(() -> {
            dispatcher.close();
            order.add("closed");
        });
        inside.open();
        valueOf(first);
        valueOf(second);
        dispatcher.close();
        assertThat(order).containsExactly("ended", "closed");
    }

    @Test
    void a_closed_dispatcher_refuses_and_says_so() {
        dispatcher.register(Work.class, (job, context) -> "done");
        dispatcher.close();
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        assertThatThrownBy(() -> dispatcher.dispatch(new Work(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this dispatcher is closed");
        assertThatThrownBy(() -> orchestrator.dispatch(new Work(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this dispatcher is closed");
        assertThat(orchestrator.hasActiveJobs()).isFalse();
        assertThat(events.all()).isEmpty();
    }

    @Test
    void a_closing_dispatcher_refuses_children_too() {
        var inside = new Gate();
        var refusal = new AtomicReference<Throwable>();
        dispatcher.register(Part.class, (job, context) -> "part");
        dispatcher.register(Work.class, (job, context) -> {
            inside.pass("");
            try {
                context.dispatch(new Part(1));
            } catch (IllegalStateException refused) {
                refusal.set(refused);
            }
            return "done";
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        var closed = beginToClose(dispatcher);
        inside.open();
        valueOf(closed);
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done"));
        assertThat(refusal.get()).hasMessageContaining("this dispatcher is closed");
    }

    @Test
    void closing_ends_what_was_accepted_and_neither_waits_for_nor_tells_what_was_refused() {
        int rounds = 400;
        var dispatchers = new AtomicReferenceArray<Dispatcher>(rounds);
        var accepted = ConcurrentHashMap.<String>newKeySet();
        var told = new ConcurrentHashMap<String, Integer>();
        var quiet = SignalBus.builder().time(time).build();
        quiet.subscribe(TerminalEvent.class, event -> told.merge(event.correlationId(), 1, Integer::sum));
        try (var log = new RecordedLog()) {
            for (int round = 0; round < rounds; round++) {
                var one = Dispatcher.builder()
                        .bus(quiet)
                        .worker(Runnable::run)
                        .closeGrace(round % 2 == 0 ? Duration.ZERO : GRACE)
                        .build();
                one.register(Work.class, (job, context) -> "done");
                dispatchers.set(round, one);
            }
            Together.Part dispatching = round -> {
                try {
                    while (true)
                        accepted.add(
                                dispatchers.get(round).dispatch(new Work(round)).id());
                } catch (IllegalStateException closed) {
                    // that is what the round waits for
                }
            };
            Together.run(rounds, dispatching, dispatching, round -> {
                for (int i = round % 97; i > 0; i--) Thread.onSpinWait();
                dispatchers
                        .get(round)
                        .close(); // time stands still: every job has ended, so there is nothing to wait for
            });
            assertThat(log.texts("SEVERE")).isEmpty();
        }
        TestWork.until(() -> told.size() >= accepted.size(), "the ending of a job that was accepted is missing");
        assertThat(told.keySet()).isEqualTo(accepted);
        assertThat(told.values()).containsOnly(1);
    }

    @Test
    void the_global_dispatcher_and_the_global_bus_refuse_to_be_closed() {
        assertThatThrownBy(Dispatcher.global()::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("global dispatcher")
                .hasMessageContaining("Dispatcher.create");
        assertThatThrownBy(SignalBus.global()::close)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("global bus")
                .hasMessageContaining("SignalBus.scoped");
    }

    // ---- a bus ----

    @Test
    void what_a_job_emits_after_its_bus_was_closed_reaches_its_owner_and_its_handle_and_nobody_else() throws Exception {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            inside.pass("");
            context.progress(0.5);
            context.emit(new Happened(1));
            context.emit(new About(context.jobId()));
            return "done";
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var other = new RecordedOrchestrator(dispatcher, bus);
        other.start();
        var handle = owner.dispatch(new Work(1));
        inside.awaitArrival();
        TestWork.until(() -> other.count() == 1, "the start was never told");
        bus.close();
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        owner.awaitIdle(LIMIT);
        other.awaitIdle(LIMIT);
        assertThat(owner.active())
                .hasExactlyElementsOfTypes(
                        JobStartedEvent.class,
                        JobProgressEvent.class,
                        Happened.class,
                        About.class,
                        JobSuccessEvent.class);
        assertThat(other.passive()).hasExactlyElementsOfTypes(JobStartedEvent.class);
        assertThat(events.all()).hasExactlyElementsOfTypes(JobStartedEvent.class);
    }

    @Test
    void jobs_dispatched_after_the_bus_was_closed_still_end_for_their_owner() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var owner = new RecordedOrchestrator(dispatcher, bus);
        bus.close();
        var handle = owner.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        owner.awaitIdle(LIMIT);
        assertThat(owner.active()).hasSize(2);
        assertThat(events.all()).isEmpty();
    }

    @Test
    void a_closed_bus_refuses_events_and_subscriptions_and_says_so() {
        bus.close();
        bus.close();
        assertThatThrownBy(() -> bus.emit(new Happened(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed")
                .hasMessageContaining(Happened.class.getName());
        assertThatThrownBy(() -> bus.subscribe(Happened.class, event -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed");
    }

    @Test
    void a_bus_closed_inside_a_handler_delivers_what_the_handler_emitted_before_and_refuses_the_rest() {
        var seen = new ArrayList<Integer>();
        var refused = new AtomicReference<Throwable>();
        bus.subscribe(Happened.class, event -> {
            if (event.number() != 0) return;
            bus.emit(new Happened(1));
            bus.close();
            try {
                bus.emit(new Happened(2));
            } catch (IllegalStateException closed) {
                refused.set(closed);
            }
        });
        bus.subscribe(Happened.class, event -> seen.add(event.number()));
        bus.emit(new Happened(0));
        assertThat(seen).containsExactly(0, 1);
        assertThat(refused.get()).isNotNull();
    }

    @Test
    void closing_a_bus_completes_a_stream_of_events_after_the_events_already_emitted() {
        var got = new CopyOnWriteArrayList<Event>();
        var completed = new CompletableFuture<List<Event>>();
        bus.events().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Event event) {
                got.add(event);
            }

            @Override
            public void onError(Throwable error) {
                completed.completeExceptionally(error);
            }

            @Override
            public void onComplete() {
                completed.complete(List.copyOf(got));
            }
        });
        for (int i = 0; i < 500; i++) bus.emit(new Happened(i));
        bus.close();
        assertThat(valueOf(completed)).hasSize(500);
    }

    // ---- an orchestrator ----

    @Test
    void a_handler_that_runs_while_its_orchestrator_is_closed_finishes_and_none_begins() throws Exception {
        var inside = new Gate();
        var finished = new AtomicBoolean();
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        orchestrator.onPassive = event -> {
            inside.passUninterruptibly("");
            finished.set(true);
        };
        orchestrator.start();
        bus.emit(new Happened(1));
        bus.emit(new Happened(2));
        inside.awaitArrival();
        orchestrator.close(); // does not wait
        assertThat(finished).isFalse();
        bus.emit(new Happened(3));
        var laneIsDone = new CompletableFuture<Void>();
        orchestrator.idle().thenRun(() -> laneIsDone.complete(null));
        inside.open();
        TestWork.until(finished::get, "the handler did not finish");
        valueOf(laneIsDone);
        assertThat(orchestrator.passive()).containsExactly(new Happened(1));
    }

    @Test
    void no_typed_handler_begins_after_its_orchestrator_was_closed_while_the_one_before_it_ran() {
        var inside = new Gate();
        var done = new CompletableFuture<Void>();
        var calls = new CopyOnWriteArrayList<String>();
        final class Two extends BaseOrchestrator<Integer> {
            Two() {
                super(
                        0,
                        dispatcher,
                        bus,
                        task -> inAnotherThread(() -> {
                            task.run();
                            if (!calls.isEmpty()) done.complete(null);
                        }));
                observe(Happened.class, event -> {
                    calls.add("first");
                    inside.passUninterruptibly("");
                });
                observe(Happened.class, event -> calls.add("second"));
            }
        }
        var orchestrator = new Two();
        orchestrator.start();
        bus.emit(new Happened(1));
        inside.awaitArrival();
        orchestrator.close();
        inside.open();
        valueOf(done);
        assertThat(calls).containsExactly("first");
    }

    @Test
    void the_jobs_of_a_closed_orchestrator_go_on_and_others_see_their_endings() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        orchestrator.close();
        assertThat(orchestrator.hasActiveJobs()).isFalse();
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        events.awaitTerminalOf(handle.id());
    }

    @Test
    void a_child_of_a_job_whose_owner_was_closed_goes_on() {
        var inside = new Gate();
        dispatcher.register(Part.class, (job, context) -> "part");
        dispatcher.register(
                Work.class,
                (job, context) ->
                        inside.pass(context).dispatch(new Part(1)).await(LIMIT).orThrow());
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        var handle = orchestrator.dispatch(new Work(1));
        inside.awaitArrival();
        orchestrator.close();
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("part"));
    }

    @Test
    void a_closed_orchestrator_refuses_to_dispatch_and_its_state_methods_do_nothing() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new RecordedOrchestrator(dispatcher, bus);
        orchestrator.change(before -> 7);
        assertThat(orchestrator.isClosed()).isFalse();
        orchestrator.close();
        orchestrator.close();
        assertThat(orchestrator.isClosed()).isTrue();
        orchestrator.change(before -> 8);
        var ran = new AtomicBoolean();
        orchestrator.later(() -> ran.set(true));
        orchestrator.awaitIdle(LIMIT);
        assertThat(orchestrator.state()).isEqualTo(7);
        assertThat(ran).isFalse();
        assertThatThrownBy(() -> orchestrator.dispatch(new Work(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("orchestrator is closed");
        assertThat(events.all()).isEmpty();
        assertThat(bus.runs().kept()).isZero();
    }

    @Test
    void dispatching_races_with_the_closing_of_the_orchestrator_and_every_accepted_job_ends() {
        int rounds = 1_000;
        var quiet = SignalBus.scoped();
        var own = Dispatcher.create(quiet);
        own.register(Work.class, (job, context) -> "done");
        var orchestrators = new ArrayList<RecordedOrchestrator>();
        for (int i = 0; i < rounds; i++) orchestrators.add(new RecordedOrchestrator(own, quiet));
        var handles = new ConcurrentLinkedQueue<JobHandle<String>>();
        Together.run(
                rounds,
                round -> {
                    try {
                        for (int i = 0; i < 10; i++)
                            handles.add(orchestrators.get(round).dispatch(new Work(i)));
                    } catch (IllegalStateException closed) {
                        assertThat(closed).hasMessageContaining("closed");
                    }
                },
                round -> orchestrators.get(round).close());
        handles.forEach(TestWork::endingOf);
        assertThat(orchestrators).noneMatch(BaseOrchestrator::hasActiveJobs);
        assertThat(quiet.runs().kept()).isZero();
    }
}
