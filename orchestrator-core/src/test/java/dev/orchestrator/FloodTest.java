package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** P11: a job that floods its owner with events of its own is made to wait until the owner has read. */
class FloodTest {
    /** Reads events of its own jobs, and counts them. */
    private static final class Reader extends BaseOrchestrator<Integer> {
        int read; // the lane only

        Reader(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(0, dispatcher, bus, lane);
        }

        @Override
        protected void onActiveEvent(Event event) {
            read++;
        }

        @Override
        protected void onActiveProgress(JobProgressEvent event) {
            read++;
        }
    }

    private final WatchedThreads threads = new WatchedThreads();
    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus =
            SignalBus.builder().threads(threads).time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();
    private final Reader owner = new Reader(dispatcher, bus, lane);
    private final AtomicInteger emitted = new AtomicInteger();
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final AtomicBoolean interrupted = new AtomicBoolean();

    /** Registers a job that emits so many events, and keeps how that ended. */
    private void registerEmitter(int events, Consumer<JobContext> emit) {
        dispatcher.register(Work.class, (job, context) -> {
            try {
                for (int i = 0; i < events; i++) {
                    emit.accept(context);
                    emitted.incrementAndGet();
                }
            } catch (IllegalStateException refused) {
                thrown.set(refused);
            }
            interrupted.set(Thread.currentThread().isInterrupted());
            return "done";
        });
    }

    private static void emitOne(JobContext context) {
        context.emit(new Happened(1));
    }

    @Test
    void a_job_waits_when_65_536_of_its_events_wait_for_its_owner_and_goes_on_when_the_owner_has_read() {
        registerEmitter(200_000, FloodTest::emitOne);
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        assertThat(emitted).hasValue(RunOutbox.FLOOD);
        TestWork.until(
                () -> {
                    lane.runAll();
                    return emitted.get() == 200_000;
                },
                "it does not go on");
        endingOf(handle);
        lane.runAll();
        assertThat(owner.read).isEqualTo(200_000);
        assertThat(thrown.get()).isNull();
    }

    @Test
    void a_job_that_reports_progress_without_end_waits_too() {
        var count = new AtomicInteger();
        registerEmitter(70_000, context -> context.progress(count.incrementAndGet() / 100_000.0));
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        assertThat(emitted).hasValue(RunOutbox.FLOOD);
        lane.runAll();
        endingOf(handle);
        lane.runAll();
        assertThat(owner.read).isEqualTo(70_000);
    }

    @Test
    void stopping_the_job_ends_its_wait_the_event_is_dropped_and_the_interrupt_stays() {
        registerEmitter(RunOutbox.FLOOD + 1, FloodTest::emitOne);
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(thrown.get()).isNull();
        assertThat(interrupted).isTrue();
        lane.runAll();
        assertThat(owner.read).isEqualTo(RunOutbox.FLOOD);
    }

    @Test
    void stopping_an_asynchronous_job_ends_the_wait_of_a_thread_that_nobody_interrupts() {
        var emitter = new CompletableFuture<CompletableFuture<Void>>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            emitter.complete(inAnotherThread(() -> {
                for (int i = 0; i <= RunOutbox.FLOOD; i++) emitOne(context);
            }));
            return new CompletableFuture<>();
        });
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        handle.cancel("not wanted");
        valueOf(valueOf(emitter));
    }

    @Test
    void closing_the_owner_ends_the_wait_and_the_job_goes_on() {
        registerEmitter(RunOutbox.FLOOD + 100, FloodTest::emitOne);
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        owner.close();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(emitted).hasValue(RunOutbox.FLOOD + 100);
    }

    @Test
    void an_interrupt_by_somebody_else_ends_the_wait_with_an_error_and_stays() {
        var worker = new AtomicReference<Thread>();
        registerEmitter(RunOutbox.FLOOD + 1, context -> {
            worker.set(Thread.currentThread());
            emitOne(context);
        });
        var handle = owner.dispatch(new Work(1));
        threads.awaitWaiting(1);
        worker.get().interrupt();
        endingOf(handle);
        assertThat(thrown.get())
                .hasMessage("65536 events of job " + handle.id()
                        + " wait for its owner, orchestrator Reader, and this thread was interrupted while it waited;"
                        + " the event was emitted to nobody. To go on: emit less, or report progress less often");
        assertThat(interrupted).isTrue();
    }

    @Test
    void the_ending_never_waits() {
        registerEmitter(RunOutbox.FLOOD, FloodTest::emitOne);
        var handle = owner.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        lane.runAll();
        assertThat(owner.read).isEqualTo(RunOutbox.FLOOD);
        assertThat(owner.hasActiveJobs()).isFalse();
    }

    @Test
    void a_thread_that_is_running_a_handler_does_not_wait_and_the_owner_takes_what_comes() {
        record Start() implements Event {}
        var contexts = new CompletableFuture<JobContext>();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            contexts.complete(context);
            return inside.passUninterruptibly("done");
        });
        bus.subscribe(Start.class, event -> {
            for (int i = 0; i < RunOutbox.FLOOD + 10; i++) emitOne(contexts.join());
        });
        var handle = owner.dispatch(new Work(1));
        inside.awaitArrival();
        bus.emit(new Start());
        inside.open();
        endingOf(handle);
        lane.runAll();
        assertThat(owner.read).isEqualTo(RunOutbox.FLOOD + 10);
    }

    @Test
    void a_job_of_an_owner_that_has_not_begun_is_told_so_instead_of_waiting() {
        registerEmitter(RunOutbox.FLOOD + 1, FloodTest::emitOne);
        final class Unfinished extends BaseOrchestrator<Integer> {
            Unfinished() {
                super(0, dispatcher, bus, lane);
                endingOf(dispatch(new Work(1)));
            }
        }
        new Unfinished();
        assertThat(emitted).hasValue(RunOutbox.FLOOD - 1); // and that the job has started
        assertThat(thrown.get())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "orchestrator Unfinished, and its orchestrator has not begun to empty it; the event was"
                                + " emitted to nobody. To go on: call start() on it before");
    }

    @Test
    void whoever_emits_events_about_the_job_waits_as_its_code_does_and_its_ending_ends_that_wait() {
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.passUninterruptibly("done"));
        var handle = owner.dispatch(new Work(1));
        inside.awaitArrival();
        var stranger = inAnotherThread(() -> {
            for (int i = 0; i <= RunOutbox.FLOOD; i++) bus.emit(new About(handle.id()));
        });
        threads.awaitWaiting(1);
        inside.open();
        endingOf(handle);
        valueOf(stranger);
    }

    @Test
    void a_job_without_an_owner_never_waits() {
        registerEmitter(RunOutbox.FLOOD + 100, FloodTest::emitOne);
        endingOf(dispatcher.dispatch(new Work(1)));
        assertThat(emitted).hasValue(RunOutbox.FLOOD + 100);
    }

    @Test
    void several_threads_of_a_job_that_flood_a_reading_owner_lose_nothing_and_none_waits_for_ever() throws Exception {
        var read = new CountDownLatch(200_000);
        var reader = new BaseOrchestrator<>(0, dispatcher, bus) {
            @Override
            protected void onActiveEvent(Event event) {
                read.countDown();
            }
        };
        dispatcher.register(Work.class, (job, context) -> {
            Together.onThreads(4, thread -> {
                for (int i = 0; i < 50_000; i++) emitOne(context);
            });
            return "done";
        });
        endingOf(reader.dispatch(new Work(1)));
        Gate.await(read, "an event was lost");
        assertThatThrownBy(() -> reader.signal(null)).isInstanceOf(NullPointerException.class);
        reader.close();
    }
}
