package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P1, P2, P3, P7, P15: corners in which a promise was once broken, each named after what must be true there. */
class CornersTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    record Work() implements Job<String> {}

    record Happened() implements Event {}

    private static class Owner extends BaseOrchestrator<Integer> {
        Owner(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Work.class).ended((job, result) -> update(count -> count + 1));
        }
    }

    /** P3: the second turn is handed to another thread, and the third one is run by that thread itself. */
    @Test
    void two_turns_never_overlap_on_an_executor_that_sometimes_runs_in_the_caller() {
        for (int round = 0; round < 200; round++) {
            var calls = new AtomicInteger();
            var firstIsBack = new AtomicBoolean();
            var thirdWasRun = new AtomicBoolean();
            Executor sometimes = turn -> {
                switch (calls.incrementAndGet()) {
                    case 2 -> {
                        Thread.ofPlatform().daemon().start(turn);
                        TestWork.until(thirdWasRun::get, "the third turn never ran");
                        firstIsBack.set(true);
                    }
                    case 3 -> {
                        turn.run();
                        thirdWasRun.set(true);
                        TestWork.until(firstIsBack::get, "the first turn never came back");
                    }
                    default -> Thread.ofPlatform().daemon().start(turn);
                }
            };
            var pieces = new AtomicInteger(900);
            var inside = new AtomicInteger();
            var overlaps = new AtomicInteger();
            var work = new Lane.Work() {
                @Override
                public boolean doOne() {
                    if (pieces.get() <= 0) return false;
                    if (inside.incrementAndGet() > 1) overlaps.incrementAndGet();
                    for (int i = 0; i < 20; i++) Thread.onSpinWait();
                    inside.decrementAndGet();
                    pieces.decrementAndGet();
                    return true;
                }

                @Override
                public boolean hasMore() {
                    return pieces.get() > 0;
                }

                @Override
                public void ranDry() {}
            };
            new Lane(sometimes, SignalBus.scoped().scope(), work, rejected -> {}).open();
            TestWork.until(() -> pieces.get() <= 0, "the lane stopped before its work was done");
            assertThat(overlaps).hasValue(0);
        }
    }

    /** P2: whether a dispatch that races with the closing is refused or accepted and stopped, the owner ends up idle. */
    @Test
    void an_owner_has_no_job_left_after_a_dispatch_that_raced_with_the_closing() throws Exception {
        int rounds = 400;
        var owners = new ArrayList<Owner>();
        var dispatchers = new ArrayList<Dispatcher>();
        for (int i = 0; i < rounds; i++) {
            var bus = SignalBus.scoped();
            var dispatcher =
                    Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build();
            dispatcher.register(Work.class, (job, context) -> "done");
            dispatchers.add(dispatcher);
            owners.add(new Owner(dispatcher, bus));
        }
        Together.run(
                rounds,
                round -> {
                    try {
                        while (true) owners.get(round).dispatch(new Work());
                    } catch (IllegalStateException closed) {
                        // that is what the round waits for
                    }
                },
                round -> {
                    for (int i = round % 97; i > 0; i--) Thread.onSpinWait();
                    dispatchers.get(round).close();
                });
        for (Owner owner : owners) owner.awaitIdle(LIMIT);
        assertThat(owners).noneMatch(BaseOrchestrator::hasActiveJobs);
    }

    /** P15: there is no further call and no further event, and yet it begins. */
    @Test
    void start_inside_a_constructor_takes_effect_although_nothing_comes_afterwards() throws Exception {
        var time = new VirtualTime();
        var bus = SignalBus.builder().time(time).build();
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> "done");
        var told = new CountDownLatch(1);
        bus.subscribe(TerminalEvent.class, event -> told.countDown());
        var handled = new CountDownLatch(1);
        final class Eager extends BaseOrchestrator<Integer> {
            Eager() {
                super(0, dispatcher, bus);
                on(Work.class).success((job, result) -> handled.countDown());
                start();
                dispatch(new Work());
                Gate.await(told, "the job never ended"); // its ending is in the mailbox by then
            }
        }
        new Eager();
        time.advance(Duration.ofMillis(10));
        Gate.await(handled, "it never began");
    }

    @Test
    void a_grace_without_end_does_not_break_the_closing() {
        var dispatcher = Dispatcher.builder()
                .bus(SignalBus.scoped())
                .closeGrace(Duration.ofSeconds(Long.MAX_VALUE))
                .build();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        dispatcher.dispatch(new Work());
        inside.awaitArrival();
        inside.open();
        assertThatCode(dispatcher::close).doesNotThrowAnyException();
    }

    @Test
    void an_orchestrator_made_on_a_closed_bus_hears_nothing_of_the_jobs_that_go_on() throws Exception {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> inside.pass("done"));
        var handle = dispatcher.dispatch(new Work());
        inside.awaitArrival();
        bus.close();
        var heard = new CopyOnWriteArrayList<Event>();
        var late = new BaseOrchestrator<Integer>(0, dispatcher, bus) {
            @Override
            protected void onPassiveEvent(Event event) {
                heard.add(event);
            }
        };
        late.start();
        inside.open();
        handle.await(LIMIT);
        dispatcher.close();
        late.awaitIdle(LIMIT);
        assertThat(heard).isEmpty();
    }

    /** P7: the threads of the scope are platform threads, and know their run as ours do. */
    @Test
    void an_interrupt_does_not_hit_a_subscriber_on_a_thread_of_the_users_own_making() throws Exception {
        var threads = new Threads() {
            @Override
            public void start(Role role, String name, Runnable task) {
                var thread = Thread.ofPlatform().daemon();
                if (task instanceof Thread.UncaughtExceptionHandler handler) thread.uncaughtExceptionHandler(handler);
                thread.start(task);
            }

            @Override
            public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
                return Threads.standard().await(stage, limit);
            }
        };
        var bus = SignalBus.builder().threads(threads).build();
        var dispatcher = Dispatcher.create(bus);
        var subscriber = new Gate();
        var hit = new AtomicBoolean();
        bus.subscribe(JobProgressEvent.class, event -> {
            try {
                subscriber.pass("");
            } catch (InterruptedException innocent) {
                hit.set(true);
            }
        });
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return new Gate().pass("never");
        });
        var handle = dispatcher.dispatch(new Work());
        subscriber.awaitArrival();
        handle.cancel("not wanted");
        subscriber.open();
        assertThat(handle.await(LIMIT)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(hit).isFalse();
    }

    @Test
    void a_name_made_of_a_field_does_not_break_the_declarations_of_the_constructor() {
        var bus = SignalBus.scoped();
        final class Named extends BaseOrchestrator<Integer> {
            private final StringBuilder label;

            Named() {
                super(0, Dispatcher.create(bus), bus);
                observe(Happened.class, event -> {});
                on(Work.class).success((job, result) -> {});
                label = new StringBuilder("mine");
            }

            @Override
            public String name() {
                return label.toString();
            }
        }
        assertThat(new Named().name()).isEqualTo("mine");
    }

    @Test
    void an_orchestrator_whose_lane_rejects_is_closed_although_its_own_close_throws() throws Exception {
        var bus = SignalBus.scoped();
        Executor gone = turn -> {
            throw new RejectedExecutionException("the toolkit is gone");
        };
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> "done");
        var orchestrator = new BaseOrchestrator<Integer>(7, dispatcher, bus, gone) {
            @Override
            public void close() {
                throw new IllegalStateException("not on the right thread");
            }
        };
        orchestrator.awaitIdle(LIMIT);
        assertThatThrownBy(() -> orchestrator.dispatch(new Work()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void the_time_of_an_event_is_that_of_its_emission_however_late_it_is_handled() {
        var time = new VirtualTime();
        var bus = SignalBus.builder().time(time).build();
        var lane = new ManualLane();
        List<Instant> times = new ArrayList<>();
        final class Late extends BaseOrchestrator<Integer> {
            Late() {
                super(0, Dispatcher.create(bus), bus, lane);
                observeWithInfo(Happened.class, (event, info) -> times.add(info.time()));
            }
        }
        new Late().start();
        time.advance(Duration.ofSeconds(1));
        bus.emit(new Happened());
        time.advance(Duration.ofSeconds(9));
        lane.runAll();
        assertThat(times).containsExactly(Instant.EPOCH.plusSeconds(1));
    }

    /** P1, P14: users who do not return, in one world, hold up no ending in another. */
    @Test
    void an_ending_is_told_although_many_who_were_told_of_others_do_not_return() throws Exception {
        var time = new VirtualTime();
        var bus = SignalBus.builder().time(time).build();
        var dispatcher = Dispatcher.create(bus);
        var inside = new CountDownLatch(1);
        var arrived = new CountDownLatch(9);
        dispatcher.register(Work.class, (job, context) -> {
            arrived.countDown();
            while (true) {
                try {
                    inside.await();
                    return "late";
                } catch (InterruptedException deaf) {
                    // goes on
                }
            }
        });
        var stuck = new Gate();
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 9; i++) handles.add(dispatcher.dispatch(new Work()));
        Gate.await(arrived, "not all began");
        try {
            for (int i = 0; i < 8; i++) {
                handles.get(i).result().thenAccept(result -> stuck.passUninterruptibly(""));
                handles.get(i).cancel("not wanted");
            }
            time.advance(JobRun.GRACE);
            handles.get(8).cancel("not wanted");
            time.advance(JobRun.GRACE);
            assertThat(handles.get(8).await(LIMIT)).isInstanceOf(JobResult.Cancelled.class);
        } finally {
            stuck.open();
            inside.countDown();
        }
    }
}
