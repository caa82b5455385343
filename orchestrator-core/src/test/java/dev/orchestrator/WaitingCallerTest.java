package dev.orchestrator;

import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.until;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** P11: where ten thousand wait, the caller waits, if it may. */
class WaitingCallerTest {
    private static final int MOST = RunLimit.LONGEST_WAIT;

    /** Threads that say when somebody waits; the jobs' tasks are left lying, so none ever runs. */
    private static final class Waits implements Threads {
        final CountDownLatch waits = new CountDownLatch(1);

        @Override
        public void start(Role role, String name, Runnable task) {
            if (role == Role.TELLER) Threads.standard().start(role, name, task);
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
            waits.countDown();
            return Threads.standard().await(stage, limit);
        }
    }

    private final Waits threads = new Waits();
    private final SignalBus bus = SignalBus.builder().threads(threads).build();
    private final RecordedEvents events = new RecordedEvents();
    private final Dispatcher dispatcher = Dispatcher.builder()
            .bus(bus)
            .limit(RunLimit.of(1).orWait())
            .closeGrace(Duration.ZERO)
            .build();

    private final List<JobHandle<String>> before = new ArrayList<>();

    WaitingCallerTest() {
        dispatcher.register(Load.class, (job, context) -> "done");
        for (int i = 0; i < 1 + MOST; i++) before.add(dispatcher.dispatch(new Load(i)));
        bus.subscribe(JobEvent.class, events);
    }

    private CompletableFuture<Void> callerThatWaits(Runnable dispatch) {
        var caller = inAnotherThread(dispatch);
        Gate.await(threads.waits, "it does not wait");
        assertThat(caller).isNotDone();
        return caller;
    }

    private void dispatchOneMore() {
        dispatcher.dispatch(new Load(-1));
    }

    private static void assertLineIsFull(JobRejectedException rejected) {
        assertThat(rejected.reason()).isEqualTo(Reason.LIMIT_QUEUE_FULL);
        assertThat(rejected)
                .hasMessageContaining("the limit of 1 jobs of this dispatcher is reached, and 10000 more wait for it");
    }

    @Test
    void the_caller_goes_on_when_one_of_those_that_wait_goes() {
        var caller = callerThatWaits(this::dispatchOneMore);
        before.get(77).cancel("not wanted");
        valueOf(caller);
        assertThat(bus.runs().all()).hasSize(1 + MOST);
    }

    @Test
    void the_caller_goes_on_when_one_of_those_that_wait_gets_its_slot() {
        var caller = callerThatWaits(this::dispatchOneMore);
        before.get(0).cancel("not wanted");
        valueOf(caller);
        assertThat(bus.runs().all()).hasSize(1 + MOST);
    }

    @Test
    void an_interrupted_caller_is_refused_and_stays_interrupted_and_nothing_is_tracked() {
        var thread = new CompletableFuture<Thread>();
        var caller = callerThatWaits(() -> {
            thread.complete(Thread.currentThread());
            assertThatThrownBy(this::dispatchOneMore).isInstanceOfSatisfying(JobRejectedException.class, rejected -> {
                assertLineIsFull(rejected);
                assertThat(rejected)
                        .hasMessageEndingWith("its caller was interrupted while it waited for room" + " in that line");
            });
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        valueOf(thread).interrupt();
        valueOf(caller);
        assertThat(bus.runs().all()).hasSize(1 + MOST);
        assertThat(events.all()).isEmpty();
        before.get(1).cancel("not wanted");
        assertThat(dispatcher.tryDispatch(new Load(-2))).as("its place is free").isPresent();
    }

    @Test
    void a_caller_that_waits_while_the_dispatcher_closes_comes_back_with_a_cancelled_job() {
        var result = new CompletableFuture<JobResult<String>>();
        var caller = callerThatWaits(() -> result.complete(TestWork.endingOf(dispatcher.dispatch(new Load(-1)))));
        dispatcher.close();
        valueOf(caller);
        assertThat(valueOf(result)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(dispatcher.acceptance().kept()).isZero();
        assertThat(bus.runs().kept()).isZero();
    }

    @Test
    void a_cancelled_dispatch_lets_its_caller_go_on() {
        var token = new CancellationToken();
        var caller = callerThatWaits(() -> dispatcher.dispatch(
                new Load(-1), JobOptions.builder().token(token).build()));
        token.cancel("not wanted");
        valueOf(caller);
        assertThat(token.size()).isZero();
        assertThat(bus.runs().all()).hasSize(1 + MOST);
    }

    @Test
    void a_cancelled_dispatch_lets_its_caller_go_on_although_others_have_joined_its_work() {
        var token = new CancellationToken();
        var join = JobOptions.builder().joinRunning("k");
        var caller = callerThatWaits(
                () -> dispatcher.dispatch(new Load(-1), join.token(token).build()));
        var joined = dispatcher.dispatch(
                new Load(-2), JobOptions.builder().joinRunning("k").build());
        token.cancel("not wanted");
        valueOf(caller);
        assertThat(joined.result().toCompletableFuture()).isNotDone();
        joined.cancel("not wanted");
        before.forEach(handle -> handle.cancel("not wanted"));
        assertThat(dispatcher.acceptance().kept()).isZero();
    }

    @Test
    void nobody_else_is_made_to_wait() {
        var owner = new RecordedOrchestrator(dispatcher, bus);
        assertThatThrownBy(() -> owner.dispatch(new Load(-1)))
                .isInstanceOfSatisfying(JobRejectedException.class, WaitingCallerTest::assertLineIsFull);
        assertThat(owner.tryDispatch(new Load(-2))).isEmpty();
        assertThat(owner.dispatchIfIdle("k", new Load(-3))).isEmpty();
        assertThat(dispatcher.tryDispatch(new Load(-4))).isEmpty();
        var inHandler = new CompletableFuture<Throwable>();
        bus.subscribe(Happened.class, event -> {
            try {
                dispatchOneMore();
            } catch (JobRejectedException refused) {
                inHandler.complete(refused);
            }
        });
        bus.emit(new Happened(1));
        assertThat(valueOf(inHandler))
                .isInstanceOfSatisfying(JobRejectedException.class, rejected -> assertLineIsFull(rejected));
        assertThat(threads.waits.getCount()).isOne();
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(bus.runs().all()).hasSize(1 + MOST);
    }

    @Test
    void the_first_caller_that_waits_is_in_the_log_and_no_later_one() {
        try (var log = new RecordedLog()) {
            var first = callerThatWaits(this::dispatchOneMore);
            var second = inAnotherThread(this::dispatchOneMore);
            until(() -> bus.runs().all().size() == 3 + MOST, "the second one never came");
            before.get(1).cancel("not wanted");
            before.get(2).cancel("not wanted");
            valueOf(first);
            valueOf(second);
            assertThat(log.texts("INFO"))
                    .containsExactly("the limit of 1 jobs of this dispatcher is reached, and 10000 more wait for it:"
                            + " callers are made to wait from now on. This is said once per limit");
        }
    }

    @Test
    void callers_go_on_in_the_order_in_which_they_came() {
        var first = inAnotherThread(this::dispatchOneMore);
        until(() -> bus.runs().all().size() == 2 + MOST, "the first one never came");
        Gate.await(threads.waits, "it does not wait");
        var second = inAnotherThread(this::dispatchOneMore);
        until(() -> dispatcher.acceptance().kept() == 1 + MOST + 2 + 2, "the second one does not wait");
        before.get(1).cancel("not wanted");
        valueOf(first);
        assertThat(second).isNotDone();
        before.get(2).cancel("not wanted");
        valueOf(second);
    }
}
