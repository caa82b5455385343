package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P1 and P7 with interceptors: whatever stands around a job does, it ends once, and stopping it reaches all of it. */
class InterceptorTest {
    private final SignalBus bus = SignalBus.builder().time(new VirtualTime()).build();
    private final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build(); // a broken test ends, too
    private final RecordedEvents events = new RecordedEvents();
    private final List<String> steps = new CopyOnWriteArrayList<>();

    InterceptorTest() {
        bus.subscribe(JobEvent.class, events);
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private void registerWork() {
        dispatcher.register(Work.class, (job, context) -> {
            steps.add("work");
            return "done " + job.number();
        });
    }

    /** One that says when it is entered and left. */
    private <J extends Job<?>, R extends @Nullable Object> JobInterceptor<J, R> step(String name) {
        return call -> {
            steps.add(name + " in");
            try {
                return call.proceed();
            } finally {
                steps.add(name + " out");
            }
        };
    }

    /** Runs a job, and gives its ending after looking that there was exactly one. */
    private JobResult<String> onlyEndingOf(Job<String> job) {
        var handle = dispatcher.dispatch(job);
        var ending = endingOf(handle);
        events.awaitTerminalOf(handle.id());
        dispatcher.close();
        assertThat(events.ofJob(handle.id()))
                .hasSize(2)
                .satisfiesExactly(
                        started -> assertThat(started).isInstanceOf(JobStartedEvent.class),
                        ended -> assertThat(ended)
                                .isInstanceOfSatisfying(
                                        TerminalEvent.class,
                                        end -> assertThat(end.attempts()).isOne()));
        return ending;
    }

    // ---- order ----

    @Test
    void the_first_declared_is_outermost_and_those_of_the_dispatch_stand_outside() {
        registerWork();
        dispatcher.interceptAll(step("all 1"));
        dispatcher.intercept(Work.class, step("type 2"));
        dispatcher.interceptDispatch(job -> step("dispatch 1"));
        dispatcher.interceptAsync(Work.class, call -> {
            steps.add("async 3 in");
            return call.proceed().whenComplete((value, error) -> steps.add("async 3 out"));
        });
        dispatcher.interceptFamily(Job.class, step("family 4"));
        dispatcher.interceptDispatch(job -> step("dispatch 2"));
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("done 1"));
        assertThat(steps)
                .containsExactly(
                        "dispatch 1 in",
                        "dispatch 2 in",
                        "all 1 in",
                        "type 2 in",
                        "async 3 in",
                        "family 4 in",
                        "work",
                        "family 4 out",
                        "async 3 out",
                        "type 2 out",
                        "all 1 out",
                        "dispatch 2 out",
                        "dispatch 1 out");
    }

    @Test
    void a_job_is_surrounded_by_what_was_declared_for_its_class_or_a_supertype_of_it() {
        registerWork();
        dispatcher.intercept(Part.class, step("another type"));
        dispatcher.interceptFamily(BaseJob.class, step("another family"));
        dispatcher.intercept(Work.class, step("type"));
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("done 1"));
        assertThat(steps).containsExactly("type in", "work", "type out");
    }

    // ---- what it may do to an attempt ----

    @Test
    void what_it_throws_is_the_jobs_failure() {
        for (Throwable thrown : List.of(new IOException("checked"), new AssertionError("an error"))) {
            try (var other = Dispatcher.create(bus)) {
                other.register(Work.class, (job, context) -> "done");
                other.intercept(Work.class, call -> {
                    call.proceed();
                    throw Thrown.asIs(thrown);
                });
                var handle = other.dispatch(new Work(1));
                assertThat(endingOf(handle)).isEqualTo(new JobResult.Failure<>(thrown));
                events.awaitTerminalOf(handle.id());
                assertThat(events.terminalOf(handle.id())).hasSize(1);
            }
        }
    }

    @Test
    void an_error_that_it_swallows_is_none() {
        dispatcher.register(Work.class, (job, context) -> {
            throw new IOException("no network");
        });
        dispatcher.intercept(Work.class, call -> {
            try {
                return call.proceed();
            } catch (IOException expected) {
                return "instead of: " + expected.getMessage();
            }
        });
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("instead of: no network"));
    }

    @Test
    void it_may_proceed_twice_within_one_attempt() {
        registerWork();
        dispatcher.interceptAll(step("outside"));
        dispatcher.intercept(Work.class, call -> call.proceed() + ", " + call.proceed());
        dispatcher.interceptAll(step("inside"));
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("done 1, done 1"));
        assertThat(steps)
                .containsExactly(
                        "outside in",
                        "inside in",
                        "work",
                        "inside out",
                        "inside in",
                        "work",
                        "inside out",
                        "outside out");
    }

    @Test
    void it_may_leave_out_what_is_inside() {
        registerWork();
        dispatcher.intercept(Work.class, call -> "from a cache");
        dispatcher.interceptAll(step("inside"));
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("from a cache"));
        assertThat(steps).isEmpty();
    }

    @Test
    void it_sees_the_job_and_the_context_of_the_executor() {
        var contexts = new CopyOnWriteArrayList<JobContext>();
        dispatcher.register(Work.class, (job, context) -> {
            contexts.add(context);
            return "done";
        });
        dispatcher.intercept(Work.class, call -> {
            contexts.add(call.context());
            return call.proceed() + " " + call.job().number() + " attempt " + call.attempt();
        });
        assertThat(onlyEndingOf(new Work(7))).isEqualTo(new JobResult.Success<>("done 7 attempt 1"));
        assertThat(contexts)
                .hasSize(2)
                .allSatisfy(context -> assertThat(context).isSameAs(contexts.getFirst()));
    }

    // ---- undoing ----

    @Test
    void closing_a_declaration_undoes_exactly_that_one() throws Exception {
        registerWork();
        JobInterceptor<Job<?>, @Nullable Object> twice = step("twice");
        var first = dispatcher.interceptAll(twice);
        dispatcher.intercept(Work.class, step("between"));
        var second = dispatcher.interceptAll(twice);
        second.close();
        second.close();
        dispatcher.run(new Work(1));
        assertThat(steps).containsExactly("twice in", "between in", "work", "between out", "twice out");
        steps.clear();
        first.close();
        dispatcher.run(new Work(1));
        assertThat(steps).containsExactly("between in", "work", "between out");
    }

    @Test
    void closing_a_declaration_for_dispatches_undoes_exactly_that_one() throws Exception {
        registerWork();
        DispatchInterceptor twice = job -> step("twice");
        var first = dispatcher.interceptDispatch(twice);
        dispatcher.interceptDispatch(job -> step("between"));
        var second = dispatcher.interceptDispatch(twice);
        second.close();
        second.close();
        dispatcher.run(new Work(1));
        assertThat(steps).containsExactly("twice in", "between in", "work", "between out", "twice out");
        steps.clear();
        first.close();
        dispatcher.run(new Work(1));
        assertThat(steps).containsExactly("between in", "work", "between out");
    }

    @Test
    void what_is_declared_or_undone_during_an_attempt_does_not_count_for_it() {
        var inside = new Gate();
        registerWork();
        var outer = dispatcher.intercept(Work.class, call -> inside.pass(call.proceed()));
        var inner = dispatcher.interceptAll(step("inner"));
        dispatcher.interceptAll(call -> {
            inner.close();
            return call.proceed();
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        outer.close();
        dispatcher.interceptAll(step("late"));
        inside.open();
        endingOf(handle);
        assertThat(steps).containsExactly("inner in", "work", "inner out");
    }

    @Test
    void interceptors_declared_and_undone_at_the_same_time_are_all_there_or_gone() {
        int rounds = 2_000;
        var table = new InterceptorTable();
        JobInterceptor<Job<?>, @Nullable Object> interceptor = JobCall::proceed;
        var kept = new AtomicInteger();
        Together.Part part = round -> {
            var mine = table.add(Job.class, interceptor);
            if (round % 2 == 0) mine.close();
            else kept.incrementAndGet();
        };
        Together.run(rounds, part, part);
        assertThat(table.around(new Work(1), List.of())).hasSize(kept.get()).hasSize(rounds);
    }

    // ---- stopping ----

    @Test
    void an_interrupt_reaches_an_interceptor() {
        var inside = new Gate();
        registerWork();
        dispatcher.intercept(Work.class, call -> {
            try {
                inside.pass("");
            } catch (InterruptedException stopped) {
                steps.add("interrupted");
                throw stopped;
            }
            return call.proceed();
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).containsExactly("interrupted");
    }

    @Test
    void a_stopped_job_goes_no_further() {
        var inside = new Gate();
        var refused = new AtomicReference<@Nullable Throwable>();
        registerWork();
        dispatcher.intercept(Work.class, call -> {
            inside.passUninterruptibly("");
            try {
                return call.proceed();
            } catch (JobCancelledException expected) {
                refused.set(expected);
                return "a late value";
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).isEmpty();
        assertThat(refused.get())
                .hasMessageEndingWith(
                        "an interceptor cannot proceed with job " + handle.id() + ": it has ended or was stopped");
    }

    @Test
    void a_stopped_job_is_not_tried_again_by_an_interceptor() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            steps.add("work");
            return inside.pass("never");
        });
        dispatcher.intercept(Work.class, call -> {
            try {
                return call.proceed();
            } catch (InterruptedException stopped) {
                return call.proceed();
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).containsExactly("work");
    }

    @Test
    void a_call_that_was_kept_leads_nowhere_after_the_ending() {
        var kept = new AtomicReference<@Nullable JobCall<Work, String>>();
        registerWork();
        dispatcher.intercept(Work.class, call -> {
            kept.set(call);
            return call.proceed();
        });
        endingOf(dispatcher.dispatch(new Work(1)));
        assertThatThrownBy(() -> kept.get().proceed())
                .isInstanceOf(JobCancelledException.class)
                .hasMessageContaining("it has ended or was stopped");
        assertThat(steps).containsExactly("work");
    }

    @Test
    void stopping_and_ending_at_the_same_time_is_still_one_ending() {
        int rounds = 1_000;
        dispatcher.register(Work.class, (job, context) -> "done");
        dispatcher.interceptAll(JobCall::proceed);
        dispatcher.interceptAllAsync(AsyncJobCall::proceed);
        dispatcher.interceptDispatch(job -> JobCall::proceed);
        var handles = new CopyOnWriteArrayList<JobHandle<String>>();
        Together.run(
                rounds,
                round -> handles.add(dispatcher.dispatch(new Work(round))),
                round -> handles.forEach(handle -> handle.cancel("raced")));
        handles.forEach(TestWork::endingOf);
        dispatcher.close();
        assertThat(handles)
                .hasSize(rounds)
                .allSatisfy(handle -> assertThat(events.terminalOf(handle.id())).hasSize(1));
    }

    // ---- at the dispatch ----

    @Test
    void a_dispatch_interceptor_is_asked_once_per_dispatch_on_the_dispatching_thread() {
        var askedOn = new CopyOnWriteArrayList<Thread>();
        var childOn = new AtomicReference<@Nullable Thread>();
        dispatcher.register(Part.class, (job, context) -> "part");
        dispatcher.register(Work.class, (job, context) -> {
            childOn.set(Thread.currentThread());
            return endingOf(context.dispatch(new Part(1))).toString();
        });
        dispatcher.interceptDispatch(job -> {
            askedOn.add(Thread.currentThread());
            return step(job.getClass().getSimpleName());
        });
        endingOf(dispatcher.dispatch(new Work(1)));
        assertThat(askedOn).containsExactly(Thread.currentThread(), childOn.get());
        assertThat(steps).containsExactly("Work in", "Part in", "Part out", "Work out");
    }

    @Test
    void a_dispatch_interceptor_may_want_nothing_around_a_job() {
        registerWork();
        dispatcher.interceptDispatch(job -> null);
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("done 1"));
        assertThat(steps).containsExactly("work");
    }

    /** P9. */
    @Test
    void a_dispatch_interceptor_that_throws_refuses_the_dispatch_and_leaves_nothing() throws Exception {
        var refusal = new AtomicReference<@Nullable Throwable>();
        dispatcher.register(TestWork.Named.class, (job, context) -> "done");
        dispatcher.interceptDispatch(job -> {
            Throwable thrown = refusal.get();
            if (thrown != null) throw Thrown.asIs(thrown);
            return null;
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        for (Throwable thrown : List.of(new IllegalStateException("no tenant"), new StackOverflowError("too deep"))) {
            refusal.set(thrown);
            assertThatThrownBy(() -> owner.dispatch(new TestWork.Named("the-id")))
                    .isSameAs(thrown);
            assertThat(owner.hasActiveJobs()).isFalse();
            owner.awaitIdle(TestWork.LIMIT);
        }
        assertThat(events.all()).isEmpty();
        refusal.set(null);
        assertThat(endingOf(owner.dispatch(new TestWork.Named("the-id")))).isEqualTo(new JobResult.Success<>("done"));
        assertThat(owner.passive()).isEmpty();
    }

    @Test
    void a_refused_child_is_nobodys_child() {
        dispatcher.register(Part.class, (job, context) -> "part");
        dispatcher.register(Work.class, (job, context) -> {
            assertThatThrownBy(() -> context.dispatch(new Part(1))).hasMessage("no parts");
            return "went on";
        });
        dispatcher.interceptDispatch(job -> {
            if (job instanceof Part) throw new IllegalArgumentException("no parts");
            return null;
        });
        assertThat(onlyEndingOf(new Work(1))).isEqualTo(new JobResult.Success<>("went on"));
    }

    @Test
    void a_dispatch_interceptor_is_not_asked_about_a_dispatch_that_is_refused() {
        var asked = new AtomicInteger();
        var inside = new Gate();
        dispatcher.register(TestWork.Named.class, (job, context) -> inside.pass("done"));
        dispatcher.interceptDispatch(job -> {
            asked.incrementAndGet();
            return null;
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        owner.close();
        var handle = dispatcher.dispatch(new TestWork.Named("twice"));
        assertThat(asked).hasValue(1);
        assertThatThrownBy(() -> dispatcher.dispatch(new TestWork.Named("twice")))
                .hasMessageContaining("in flight");
        assertThatThrownBy(() -> dispatcher.dispatch(new Work(1))).isInstanceOf(ExecutorNotFoundException.class);
        assertThatThrownBy(() -> owner.dispatch(new TestWork.Named("other"))).hasMessageContaining("closed");
        inside.open();
        endingOf(handle);
        dispatcher.close();
        assertThatThrownBy(() -> dispatcher.dispatch(new TestWork.Named("other")))
                .hasMessageContaining("closed");
        assertThat(asked).hasValue(1);
    }

    @Test
    void a_job_that_is_cancelled_while_its_dispatch_is_intercepted_never_starts() {
        var asking = new Gate();
        var ran = new AtomicBoolean();
        dispatcher.register(TestWork.Named.class, (job, context) -> {
            ran.set(true);
            return "never";
        });
        dispatcher.interceptDispatch(job -> {
            asking.passUninterruptibly("");
            return null;
        });
        var owner = new RecordedOrchestrator(dispatcher, bus);
        var dispatching = inAnotherThread(() -> owner.dispatch(new TestWork.Named("the-id")));
        asking.awaitArrival();
        assertThat(owner.isRunning("the-id")).isTrue();
        owner.close();
        bus.runs().find("the-id").cancel("not wanted");
        asking.open();
        valueOf(dispatching);
        events.awaitTerminalOf("the-id");
        assertThat(events.ofJob("the-id")).singleElement().isInstanceOf(JobCancelledEvent.class);
        assertThat(ran).isFalse();
    }

    // ---- bad input ----

    @Test
    @SuppressWarnings("NullAway")
    void null_is_refused() {
        assertThatThrownBy(() -> dispatcher.intercept(Work.class, null)).hasMessage("interceptor");
        assertThatThrownBy(() -> dispatcher.interceptAll(null)).hasMessage("interceptor");
        assertThatThrownBy(() -> dispatcher.interceptDispatch(null)).hasMessage("interceptor");
        assertThatThrownBy(() -> dispatcher.interceptFamily(null, JobCall::proceed))
                .hasMessage("type");
    }
}
