package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.until;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P1 and P7 with interceptors that answer with a stage, and with executors that do. */
class AsyncInterceptorTest {
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final ManualLane worker = new ManualLane();
    private final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build(); // a broken test ends, too

    /** Its workers run when a test says so, and on the test's thread. */
    private final Dispatcher manual =
            Dispatcher.builder().bus(bus).worker(worker).build();

    private final RecordedEvents events = new RecordedEvents();
    private final List<String> steps = new CopyOnWriteArrayList<>();

    AsyncInterceptorTest() {
        bus.subscribe(JobEvent.class, events);
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    /** A stage that says when it is cancelled. */
    private final class Cancellable extends CompletableFuture<String> {
        private final String name;
        private final AtomicBoolean asked = new AtomicBoolean(); // a canceller and whoever adds the stage may both ask

        Cancellable(String name) {
            this.name = name;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            if (!isDone() && asked.compareAndSet(false, true)) steps.add(name + " cancelled");
            return super.cancel(mayInterruptIfRunning);
        }
    }

    /** A stage whose work goes on when it is cancelled. */
    private static final class Deaf extends CompletableFuture<String> {
        private final CountDownLatch asked;

        Deaf(int times) {
            asked = new CountDownLatch(times);
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            asked.countDown();
            return false;
        }
    }

    /** Both forms in one object. */
    private static final class Both implements JobInterceptor<Work, String>, AsyncJobInterceptor<Work, String> {
        @Override
        public String intercept(JobCall<Work, String> call) throws Exception {
            return "plain(" + call.proceed() + ")";
        }

        @Override
        public CompletionStage<String> interceptAsync(AsyncJobCall<Work, String> call) {
            return call.proceed().thenApply(value -> "async(" + value + ")");
        }
    }

    // ---- around a plain executor ----

    @Test
    void around_a_plain_executor_the_jobs_thread_waits_for_the_stage() {
        var answer = new CompletableFuture<String>();
        dispatcher.register(Work.class, (job, context) -> "done");
        dispatcher.interceptAsync(
                Work.class, call -> call.proceed().thenCombine(answer, (value, more) -> value + more));
        var handle = dispatcher.dispatch(new Work(1));
        answer.complete(" and more");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done and more"));
    }

    @Test
    void an_error_of_a_plain_executor_is_in_the_stage_and_comes_out_as_it_was() {
        var error = new IOException("no network");
        var seen = new AtomicReference<@Nullable Throwable>();
        dispatcher.register(Work.class, (job, context) -> {
            throw error;
        });
        dispatcher.interceptAsync(Work.class, call -> call.proceed().thenApply(value -> value + "never"));
        dispatcher.interceptAsync(Work.class, call -> call.proceed().whenComplete((value, thrown) -> seen.set(thrown)));
        assertThat(endingOf(dispatcher.dispatch(new Work(1)))).isEqualTo(new JobResult.Failure<>(error));
        assertThat(seen).hasValue(error);
    }

    @Test
    void a_plain_executor_stays_on_the_jobs_thread_wherever_the_interceptor_proceeds() {
        var intercepted = new AtomicReference<@Nullable Thread>();
        var executed = new CopyOnWriteArrayList<Thread>();
        dispatcher.register(Work.class, (job, context) -> {
            executed.add(Thread.currentThread());
            return "done " + executed.size();
        });
        dispatcher.interceptAsync(Work.class, call -> {
            intercepted.set(Thread.currentThread());
            return inAnotherThread(() -> {}).thenCompose(elsewhere -> call.proceed());
        });
        dispatcher.interceptAsync(Work.class, call -> {
            var first = new CompletableFuture<CompletionStage<String>>();
            inAnotherThread(() -> first.complete(call.proceed()));
            return first.thenCompose(begun -> begun).thenCombine(call.proceed(), (one, other) -> "done 1 and done 2");
        });
        assertThat(endingOf(dispatcher.dispatch(new Work(1)))).isEqualTo(new JobResult.Success<>("done 1 and done 2"));
        assertThat(executed).containsExactly(intercepted.get(), intercepted.get());
    }

    @Test
    void a_wish_from_another_thread_is_not_lost_whenever_it_comes() {
        dispatcher.register(Work.class, (job, context) -> "done");
        try (var others = Executors.newVirtualThreadPerTaskExecutor()) {
            dispatcher.interceptAsync(
                    Work.class,
                    call -> CompletableFuture.supplyAsync(call::proceed, others).thenCompose(begun -> begun));
            var handles = new ArrayList<JobHandle<String>>();
            for (int i = 0; i < 2_000; i++) handles.add(dispatcher.dispatch(new Work(i)));
            for (var handle : handles) assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        }
    }

    @Test
    void stopping_a_job_that_waits_for_an_interceptors_stage_cancels_the_stage() {
        var waiting = new Cancellable("delay");
        var refused = new CompletableFuture<@Nullable Throwable>();
        dispatcher.register(Work.class, (job, context) -> "never");
        dispatcher.interceptAsync(Work.class, call -> {
            steps.add("inside");
            waiting.whenComplete(
                    (value, error) -> call.proceed().whenComplete((never, thrown) -> refused.complete(thrown)));
            return waiting;
        });
        var handle = dispatcher.dispatch(new Work(1));
        until(() -> !steps.isEmpty(), "the interceptor was not called");
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).containsExactly("inside", "delay cancelled");
        assertThat(valueOf(refused))
                .isInstanceOf(JobCancelledException.class)
                .hasMessageContaining("it has ended or was stopped");
    }

    @Test
    void a_call_that_was_kept_leads_nowhere_when_its_interceptor_has_answered() {
        var kept = new AtomicReference<@Nullable AsyncJobCall<Work, String>>();
        dispatcher.register(Work.class, (job, context) -> {
            steps.add("work");
            return "done";
        });
        dispatcher.intercept(Work.class, call -> {
            String value = call.proceed();
            kept.get().proceed().whenComplete((never, thrown) -> steps.add(String.valueOf(thrown.getMessage())));
            return value;
        });
        dispatcher.interceptAsync(Work.class, call -> {
            kept.set(call);
            return CompletableFuture.completedFuture("cached");
        });
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("cached"));
        assertThat(steps).singleElement().asString().endsWith("it has answered for attempt 1 already");
    }

    @Test
    void a_wish_that_was_not_fulfilled_when_its_interceptor_answers_is_refused() {
        var wish = new CompletableFuture<CompletionStage<String>>();
        dispatcher.register(Work.class, (job, context) -> "never");
        dispatcher.interceptAsync(Work.class, call -> {
            valueOf(inAnotherThread(() -> wish.complete(call.proceed())));
            return CompletableFuture.completedFuture("cached");
        });
        assertThat(endingOf(dispatcher.dispatch(new Work(1)))).isEqualTo(new JobResult.Success<>("cached"));
        assertThat(valueOf(wish).toCompletableFuture())
                .failsWithin(TestWork.LIMIT)
                .withThrowableThat()
                .withMessageContaining("it has answered for attempt 1 already");
    }

    @Test
    void an_answer_that_is_null_is_a_failure_that_names_the_interceptor() {
        dispatcher.register(Work.class, (job, context) -> "done");
        dispatcher.registerAsync(Part.class, (job, context) -> CompletableFuture.completedFuture("done"));
        dispatcher.interceptAllAsync(new Forgetful());
        for (Job<String> job : List.of(new Work(1), new Part(1))) {
            assertThat(endingOf(dispatcher.dispatch(job)))
                    .isInstanceOfSatisfying(
                            JobResult.Failure.class,
                            failure -> assertThat(failure.error())
                                    .isInstanceOf(NullPointerException.class)
                                    .hasMessage("the interceptor " + Forgetful.class.getName()
                                            + " returned null instead of a CompletionStage; return what proceed() gave,"
                                            + " or a completed one"));
        }
    }

    private static final class Forgetful implements AsyncJobInterceptor<Job<?>, @Nullable Object> {
        @Override
        @SuppressWarnings("NullAway")
        public CompletionStage<@Nullable Object> interceptAsync(AsyncJobCall<Job<?>, @Nullable Object> call) {
            return null;
        }
    }

    // ---- around an asynchronous executor, asynchronous throughout ----

    @Test
    void no_thread_is_held_when_all_is_asynchronous() {
        var answer = new CompletableFuture<String>();
        var delay = new CompletableFuture<@Nullable Void>();
        manual.registerAsync(Work.class, (job, context) -> answer);
        manual.interceptAllAsync(call -> delay.thenCompose(over -> call.proceed()));
        manual.interceptAsync(Work.class, call -> call.proceed().thenApply(value -> value + "!"));
        var handle = manual.dispatch(new Work(1));
        worker.runAll(); // returns: the worker is free
        delay.complete(null);
        answer.complete("done");
        assertThat(handle.result()).isCompletedWithValue(new JobResult.Success<>("done!"));
    }

    @Test
    void each_job_is_surrounded_by_the_form_that_fits_it() throws Exception {
        var both = new Both();
        dispatcher.intercept(Work.class, both);
        dispatcher.interceptAsync(Work.class, both);
        try (var plain = dispatcher.register(Work.class, (job, context) -> "done")) {
            assertThat(plain).isNotNull();
            assertThat(dispatcher.run(new Work(1))).isEqualTo("plain(plain(done))");
        }
        dispatcher.registerAsync(Work.class, (job, context) -> CompletableFuture.completedFuture("done"));
        assertThat(dispatcher.run(new Work(1))).isEqualTo("async(async(done))");
        dispatcher.intercept(Work.class, JobCall::proceed);
        assertThat(dispatcher.run(new Work(1))).isEqualTo("plain(plain(done))");
    }

    @Test
    void an_asynchronous_interceptor_may_throw_swallow_or_try_again() {
        var error = new IOException("no network");
        dispatcher.registerAsync(Work.class, (job, context) -> {
            steps.add("work");
            throw error;
        });
        dispatcher.interceptAsync(Work.class, call -> {
            if (call.job().number() == 1) throw new IllegalStateException("thrown");
            return call.proceed();
        });
        dispatcher.interceptAsync(Work.class, call -> call.proceed().exceptionallyCompose(first -> call.proceed()));
        assertThat(endingOf(dispatcher.dispatch(new Work(1))))
                .isInstanceOfSatisfying(
                        JobResult.Failure.class,
                        failure -> assertThat(failure.error()).hasMessage("thrown"));
        assertThat(steps).isEmpty();
        assertThat(endingOf(dispatcher.dispatch(new Work(2)))).isEqualTo(new JobResult.Failure<>(error));
        assertThat(steps).containsExactly("work", "work");
        dispatcher.interceptAsync(
                Work.class, call -> call.proceed().exceptionally(thrown -> "instead of " + thrown.getMessage()));
        assertThat(endingOf(dispatcher.dispatch(new Work(2))))
                .isEqualTo(new JobResult.Success<>("instead of no network"));
    }

    @Test
    void stopping_an_asynchronous_job_cancels_the_executors_stage_first_and_the_outermost_last() {
        manual.registerAsync(Work.class, (job, context) -> new Cancellable("executor"));
        manual.interceptAsync(Work.class, call -> {
            call.proceed();
            return new Cancellable("outermost");
        });
        manual.interceptAsync(Work.class, call -> {
            call.proceed();
            return new Cancellable("inner");
        });
        var handle = manual.dispatch(new Work(1));
        worker.runAll(); // its code has begun, and holds no thread
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).containsExactly("executor cancelled", "inner cancelled", "outermost cancelled");
    }

    @Test
    void a_stopped_asynchronous_job_is_down_when_its_executors_stage_is() {
        var working = new Deaf(1);
        manual.registerAsync(Work.class, (job, context) -> working);
        manual.interceptAsync(Work.class, call -> call.proceed().thenApply(value -> value + "!"));
        var handle = manual.dispatch(new Work(1));
        worker.runAll(); // its code has begun, and holds no thread
        handle.cancel("not wanted");
        Gate.await(working.asked, "the executor's stage was not cancelled");
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        working.complete("late");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
    }

    @Test
    void a_stage_that_is_begun_while_its_job_is_stopped_is_cancelled() {
        var beginning = new Gate();
        var begun = new Cancellable("executor");
        var delay = new Cancellable("delay");
        manual.registerAsync(Work.class, (job, context) -> beginning.passUninterruptibly(begun));
        manual.interceptAsync(Work.class, call -> delay.copy().thenCompose(over -> call.proceed()));
        var handle = manual.dispatch(new Work(1));
        worker.runAll(); // its code has begun, and holds no thread
        var elsewhere = inAnotherThread(() -> delay.complete("over"));
        beginning.awaitArrival();
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        beginning.open();
        valueOf(elsewhere);
        assertThat(steps).containsExactly("executor cancelled");
        assertThat(begun).isCancelled();
    }

    @Test
    void what_is_under_way_inside_when_the_outermost_stage_completes_is_cancelled() {
        var first = new CompletableFuture<String>();
        var second = new Cancellable("slower one");
        var begun = new CopyOnWriteArrayList<CompletableFuture<String>>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            begun.add(begun.isEmpty() ? first : second);
            return begun.getLast();
        });
        dispatcher.interceptAsync(
                Work.class,
                call -> call.proceed().applyToEither(call.proceed(), value -> value)); // whichever is faster
        var handle = dispatcher.dispatch(new Work(1));
        until(() -> begun.size() == 2, "it was not begun twice");
        first.complete("done");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(steps).containsExactly("slower one cancelled");
    }

    @Test
    void a_kept_asynchronous_call_leads_nowhere_after_the_ending() {
        var kept = new AtomicReference<@Nullable AsyncJobCall<Work, String>>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            steps.add("work");
            return CompletableFuture.completedFuture("done");
        });
        dispatcher.interceptAsync(Work.class, call -> {
            kept.set(call);
            return call.proceed();
        });
        endingOf(dispatcher.dispatch(new Work(1)));
        assertThat(kept.get().proceed().toCompletableFuture())
                .failsWithin(TestWork.LIMIT)
                .withThrowableThat()
                .withCauseInstanceOf(JobCancelledException.class);
        assertThat(steps).containsExactly("work");
    }

    // ---- around an asynchronous executor, with one of the plain form only ----

    @Test
    void with_a_plain_interceptor_an_asynchronous_job_waits_on_a_virtual_thread_and_leaves_its_worker() {
        var answer = new CompletableFuture<String>();
        var waited = new CompletableFuture<Thread>();
        manual.registerAsync(Work.class, (job, context) -> answer);
        manual.intercept(Work.class, call -> {
            waited.complete(Thread.currentThread());
            return call.proceed() + "!";
        });
        manual.interceptAsync(Work.class, call -> call.proceed().thenApply(value -> value + "?"));
        var handle = manual.dispatch(new Work(1));
        worker.runAll(); // returns: the worker is free
        assertThat(valueOf(waited).isVirtual()).isTrue();
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        answer.complete("done");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done?!"));
    }

    @Test
    void an_error_of_an_asynchronous_executor_reaches_a_plain_interceptor_as_it_was() {
        var error = new IOException("no network");
        dispatcher.registerAsync(
                Work.class, (job, context) -> CompletableFuture.failedFuture(new CompletionException(error)));
        dispatcher.intercept(Work.class, call -> {
            try {
                return call.proceed();
            } catch (IOException expected) {
                return "instead of " + expected.getMessage();
            }
        });
        assertThat(endingOf(dispatcher.dispatch(new Work(1))))
                .isEqualTo(new JobResult.Success<>("instead of no network"));
    }

    @Test
    void stopping_a_job_with_a_plain_interceptor_cancels_the_executors_stage_and_interrupts_the_interceptor() {
        var begun = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            begun.complete("");
            return new Cancellable("executor");
        });
        dispatcher.intercept(Work.class, call -> {
            try {
                return call.proceed();
            } catch (InterruptedException | CancellationException stopped) {
                steps.add("interceptor left");
                throw stopped;
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        valueOf(begun);
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).containsExactlyInAnyOrder("executor cancelled", "interceptor left");
    }

    @Test
    void an_interrupt_reaches_a_plain_interceptor_around_an_asynchronous_executor() {
        var inside = new Gate();
        dispatcher.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        dispatcher.intercept(Work.class, call -> inside.pass(""));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
    }

    @Test
    void an_interrupt_does_not_reach_a_subscriber_that_a_plain_interceptor_is_calling() {
        var subscriber = new Gate();
        var hit = new AtomicBoolean();
        var working = new Deaf(2);
        bus.subscribe(Happened.class, event -> {
            subscriber.passUninterruptibly("");
            hit.set(Thread.currentThread().isInterrupted());
        });
        dispatcher.registerAsync(Work.class, (job, context) -> working);
        dispatcher.intercept(Work.class, call -> {
            Thread.currentThread().interrupt(); // it does not wait for the stage, which goes on
            try {
                return call.proceed();
            } catch (InterruptedException notStopped) {
                call.context().emit(new Happened(1));
                return new Gate().pass("never");
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        subscriber.awaitArrival();
        handle.cancel("not wanted");
        Gate.await(working.asked, "the stage was not cancelled once more, after the interrupt");
        subscriber.open();
        working.complete("late");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(hit).isFalse();
    }

    @Test
    void an_interrupt_that_an_interceptor_swallows_leaves_no_stage_of_the_executor_behind() {
        var first = new Cancellable("first");
        var begun = new CopyOnWriteArrayList<Job<?>>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            begun.add(job);
            return begun.size() == 1 ? first : CompletableFuture.completedFuture("second");
        });
        dispatcher.intercept(Work.class, call -> {
            Thread.currentThread().interrupt(); // somebody's, not the job's
            try {
                return call.proceed();
            } catch (InterruptedException notStopped) {
                assertThat(first).isCancelled();
                return call.proceed();
            }
        });
        assertThat(endingOf(dispatcher.dispatch(new Work(1)))).isEqualTo(new JobResult.Success<>("second"));
    }

    @Test
    void a_job_that_is_stopped_before_its_waiting_thread_begins_is_not_intercepted() {
        var waiting = new ManualLane();
        var other =
                SignalBus.builder().time(time).threads(new WorkersOf(waiting)).build();
        var mine = Dispatcher.builder().bus(other).worker(worker).build();
        mine.registerAsync(Work.class, (job, context) -> CompletableFuture.completedFuture("never"));
        mine.intercept(Work.class, call -> {
            steps.add("intercepted");
            return call.proceed();
        });
        var handle = mine.dispatch(new Work(1));
        worker.runAll();
        handle.cancel("not wanted");
        waiting.runAll();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(steps).isEmpty();
    }

    @Test
    void a_stopped_job_with_a_plain_interceptor_is_down_when_its_executors_stage_is() {
        var working = new Deaf(1);
        var begun = new CompletableFuture<String>();
        var left = new CompletableFuture<String>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            begun.complete("");
            return working;
        });
        dispatcher.intercept(Work.class, call -> {
            try {
                return call.proceed();
            } finally {
                left.complete("");
            }
        });
        var handle = dispatcher.dispatch(new Work(1));
        valueOf(begun);
        handle.cancel("not wanted");
        Gate.await(working.asked, "the executor's stage was not cancelled");
        valueOf(left);
        assertThat(handle.result().toCompletableFuture()).isNotDone();
        working.complete("late");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
    }

    @Test
    void a_deaf_plain_interceptor_around_an_asynchronous_executor_is_named_when_the_grace_is_over() {
        var inside = new Gate();
        dispatcher.registerAsync(Work.class, (job, context) -> new CompletableFuture<>());
        dispatcher.intercept(Work.class, call -> inside.passUninterruptibly("late"));
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        try (var log = new RecordedLog()) {
            handle.cancel("not wanted");
            time.advance(JobRun.GRACE);
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
            assertThat(log.texts("WARNING"))
                    .singleElement()
                    .asString()
                    .contains(handle.id(), "goes on", "passUninterruptibly");
        }
        inside.open();
    }

    @Test
    void a_job_with_a_plain_interceptor_around_an_asynchronous_executor_may_close_its_dispatcher() {
        Executor comingBackWhenItIsOver = task -> valueOf(inAnotherThread(task));
        var other = SignalBus.builder()
                .time(time)
                .threads(new WorkersOf(comingBackWhenItIsOver))
                .build();
        var mine = Dispatcher.builder().bus(other).worker(worker).build(); // it lets jobs go on for its grace
        mine.registerAsync(Work.class, (job, context) -> CompletableFuture.completedFuture("done"));
        mine.intercept(Work.class, call -> {
            mine.close();
            return call.proceed();
        });
        var handle = mine.dispatch(new Work(1));
        worker.runAll();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    /** Threads whose workers are an executor's. */
    private static final class WorkersOf implements Threads {
        private final Executor workers;

        WorkersOf(Executor workers) {
            this.workers = workers;
        }

        @Override
        public void start(Role role, String name, Runnable task) {
            if (role == Role.WORKER) workers.execute(task);
            else Threads.standard().start(role, name, task);
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
            return Threads.standard().await(stage, limit);
        }
    }

    /** P10. */
    @Test
    void what_stood_around_a_job_keeps_nothing_of_it() {
        var silent = SignalBus.scoped(); // nobody records the events, which know their job
        var quiet = Dispatcher.create(silent);
        var watched = new CopyOnWriteArrayList<WeakReference<?>>();
        quiet.register(Part.class, (job, context) -> "done");
        quiet.registerAsync(Work.class, (job, context) -> CompletableFuture.completedFuture("done"));
        quiet.interceptAllAsync(AsyncJobCall::proceed);
        quiet.intercept(Work.class, JobCall::proceed);
        quiet.interceptDispatch(job -> {
            watched.add(new WeakReference<>(job));
            JobInterceptor<Job<?>, @Nullable Object> made = call -> {
                watched.add(new WeakReference<>(call));
                watched.add(new WeakReference<>(Thread.currentThread()));
                return job.equals(call.job()) ? call.proceed() : null;
            };
            watched.add(new WeakReference<>(made));
            return made;
        });
        var handles = List.of(quiet.dispatch(new Part(1)), quiet.dispatch(new Work(1)));
        handles.forEach(handle -> assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done")));
        assertThat(watched).hasSize(8);
        for (var each : watched) MemoryTest.assertCollected(each, "something of an ended job");
        assertThat(handles).hasSize(2);
        quiet.close();
        silent.close();
    }

    @Test
    void stopping_at_every_moment_gives_one_ending() {
        int rounds = 1_000;
        try (var others = Executors.newVirtualThreadPerTaskExecutor()) {
            dispatcher.registerAsync(Work.class, (job, context) -> CompletableFuture.supplyAsync(() -> "done", others));
            dispatcher.registerAsync(Part.class, (job, context) -> CompletableFuture.supplyAsync(() -> "done", others));
            dispatcher.interceptAllAsync(
                    call -> CompletableFuture.supplyAsync(call::proceed, others).thenCompose(begun -> begun));
            dispatcher.intercept(Part.class, JobCall::proceed);
            var handles = new CopyOnWriteArrayList<JobHandle<String>>();
            Together.run(
                    rounds,
                    round -> handles.add(dispatcher.dispatch(round % 2 == 0 ? new Work(round) : new Part(round))),
                    round -> handles.forEach(handle -> handle.cancel("raced")));
            handles.forEach(TestWork::endingOf);
            dispatcher.close();
            assertThat(handles)
                    .hasSize(rounds)
                    .allSatisfy(
                            handle -> assertThat(events.terminalOf(handle.id())).hasSize(1));
        }
    }
}
