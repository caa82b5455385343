package dev.orchestrator.testkit;

import static dev.orchestrator.testkit.OrchestratorAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Time;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One thing at a time, in an order that the seed decides; time passes when told, and a wait costs none that is real. */
class TestWorldTest {
    private static final Duration HOUR = Duration.ofHours(1);

    record Load(int number) implements Job<String> {}

    record Sum(int parts) implements Job<Integer> {}

    record Part(int number) implements Job<Integer> {}

    record Said(int number) implements Event {}

    /** Adds what it hears, and what comes of the jobs that it dispatches. */
    static final class Adder extends BaseOrchestrator<Integer> {
        Adder(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Sum.class).success((job, sum) -> update(state -> state + sum));
            observe(Said.class, said -> update(state -> state + said.number()));
        }
    }

    // ---- the same seed, the same timeline ----

    /** Blocking parents, children, retries, timeouts and two orchestrators. */
    private static String timelineOf(long seed) throws Exception {
        try (var world = TestWorld.seeded(seed)) {
            var dispatcher = world.dispatcher();
            dispatcher.register(
                    Part.class,
                    (job, context) -> {
                        context.progress(0.5);
                        if (job.number() % 3 == 0 && context.attempt() == 1) throw new IOException("once");
                        return job.number();
                    },
                    JobOptions.builder()
                            .retry(RetryPolicy.exponential(2, Duration.ofSeconds(1)))
                            .build());
            dispatcher.register(Sum.class, (job, context) -> {
                var parts = IntStream.rangeClosed(1, job.parts())
                        .mapToObj(i -> context.dispatch(new Part(i)))
                        .toList();
                int sum = 0;
                for (var part : parts) sum += ((JobResult.Success<Integer>) part.await(HOUR)).value();
                context.emit(new Said(sum));
                return sum;
            });
            var first = world.own(new Adder(dispatcher, world.bus()));
            var second = world.own(new Adder(dispatcher, world.bus()));
            first.dispatch(new Sum(4));
            second.dispatch(new Sum(3));
            first.dispatch(
                    new Sum(2),
                    JobOptions.builder().timeout(Duration.ofMillis(1)).build());
            world.bus().emit(new Said(100));
            first.awaitIdle(HOUR);
            second.awaitIdle(HOUR);
            world.runUntilIdle(); // what the one heard of the other
            assertThat(first.state()).isIn(116, 119); // the third sum may be too late, or not
            return world.timeline().toString();
        }
    }

    @Test
    void the_same_seed_gives_the_same_timeline() throws Exception {
        for (long seed = 0; seed < 50; seed++) assertThat(timelineOf(seed)).isEqualTo(timelineOf(seed));
    }

    @Test
    void seeds_explore() throws Exception {
        var different = new HashSet<String>();
        for (long seed = 0; seed < 50; seed++) different.add(timelineOf(seed));
        assertThat(different).hasSizeGreaterThan(45);
    }

    // ---- time ----

    @Test
    void nothing_happens_by_itself() {
        try (var world = TestWorld.create()) {
            var script = ScriptedExecutor.of(Load.class).succeeds("done");
            world.dispatcher().registerAsync(Load.class, script);
            var handle = world.dispatcher().dispatch(new Load(1));
            assertThat(script.calls()).isEmpty();
            world.runUntilIdle();
            assertThat(handle).isSuccess("done");
            assertThat(world.time().now()).isEqualTo(Instant.EPOCH);
        }
    }

    @Test
    void a_thousand_waits_of_an_hour_are_over_at_once() throws Exception {
        try (var world = TestWorld.create()) {
            var script = ScriptedExecutor.of(Load.class)
                    .fails(1000, new IOException("busy"))
                    .succeeds("done");
            world.dispatcher()
                    .registerAsync(
                            Load.class,
                            script,
                            JobOptions.builder()
                                    .retry(RetryPolicy.fixed(1001, HOUR))
                                    .build());
            assertThat(world.dispatcher().run(new Load(1))).isEqualTo("done");
            assertThat(world.time().now()).isEqualTo(Instant.EPOCH.plus(HOUR.multipliedBy(1000)));
        }
    }

    @Test
    void each_timer_has_its_moment() {
        try (var world = TestWorld.create()) {
            var seen = new ArrayList<Instant>();
            for (int hours = 3; hours > 0; hours--)
                world.time()
                        .schedule(
                                Duration.ofHours(hours),
                                () -> seen.add(world.time().now()));
            world.advance(Duration.ofHours(2));
            assertThat(seen).containsExactly(Instant.EPOCH.plus(HOUR), Instant.EPOCH.plus(HOUR.multipliedBy(2)));
            assertThat(world.time().pending()).isEqualTo(1);
            world.advance(HOUR);
            assertThat(world.time().pending()).isZero();
        }
    }

    @Test
    void what_is_due_at_once_needs_no_time() {
        try (var world = TestWorld.create()) {
            var script = ScriptedExecutor.of(Load.class)
                    .fails(2, new IOException("busy"))
                    .succeeds("done");
            var atOnce = JobOptions.builder()
                    .retry(RetryPolicy.fixed(3, Duration.ZERO))
                    .build();
            world.dispatcher().registerAsync(Load.class, script, atOnce);
            var handle = world.dispatcher().dispatch(new Load(1));
            world.runUntilIdle();
            assertThat(world).job(handle).wasRetried(2).succeededWith("done");
            assertThat(world.time().now()).isEqualTo(Instant.EPOCH);
        }
    }

    @Test
    void a_timer_that_another_one_takes_back_at_their_moment_does_not_run() {
        try (var world = TestWorld.create()) {
            var ran = new ArrayList<String>();
            var second = new AtomicReference<Time.Timer>();
            world.time().schedule(HOUR, () -> second.get().cancel());
            second.set(world.time().schedule(HOUR, () -> ran.add("second")));
            world.advance(HOUR);
            assertThat(ran).isEmpty();
            assertThat(world.time().pending()).isZero();
        }
    }

    @Test
    void many_tasks_that_wait_at_once_are_all_run_in_order() {
        try (var world = TestWorld.create()) {
            var script = ScriptedExecutor.of(Load.class).succeeds("done");
            world.dispatcher().registerAsync(Load.class, script);
            for (int i = 0; i < 10_000; i++) world.dispatcher().dispatch(new Load(i));
            world.runUntilIdle();
            assertThat(script.calls())
                    .isEqualTo(IntStream.range(0, 10_000).mapToObj(Load::new).toList());
        }
    }

    @Test
    void a_wait_that_is_over_first_throws() {
        try (var world = TestWorld.create()) {
            world.dispatcher()
                    .registerAsync(Load.class, ScriptedExecutor.of(Load.class).hangs());
            var handle = world.dispatcher().dispatch(new Load(1));
            assertThatThrownBy(() -> handle.await(HOUR)).isInstanceOf(TimeoutException.class);
            assertThat(world.time().now()).isEqualTo(Instant.EPOCH.plus(HOUR));
        }
    }

    @Test
    void a_job_that_ignores_its_interrupt_is_told_after_its_grace() {
        try (var world = TestWorld.create()) {
            var silent = JobOptions.builder()
                    .timeout(HOUR)
                    .grace(Duration.ofSeconds(3))
                    .build();
            world.dispatcher()
                    .register(
                            Load.class,
                            (job, context) -> {
                                var part = context.dispatch(
                                        new Part(1),
                                        JobOptions.builder()
                                                .grace(Duration.ofDays(1))
                                                .build());
                                while (true) {
                                    try {
                                        return part.await(Duration.ofDays(1)).toString();
                                    } catch (InterruptedException ignored) {
                                        // deaf
                                    }
                                }
                            },
                            silent);
            world.dispatcher().register(Part.class, (job, context) -> 1);
            world.dispatcher()
                    .registerAsync(Sum.class, ScriptedExecutor.of(Sum.class).hangs());
            world.dispatcher().replace(Part.class, (job, context) -> {
                var never = world.dispatcher().dispatch(new Sum(1));
                while (true) {
                    try {
                        never.await(Duration.ofDays(1));
                    } catch (InterruptedException ignored) {
                        // deaf too
                    } catch (TimeoutException atLast) {
                        return 1;
                    }
                }
            });
            var handle = world.dispatcher().dispatch(new Load(1), silent);
            world.advance(HOUR.plusSeconds(2));
            assertThat(world).job(handle).isInFlight();
            world.advance(Duration.ofSeconds(1));
            assertThat(world).job(handle).timedOut();
            world.advance(Duration.ofDays(3));
        }
    }

    @Test
    void a_job_that_waits_hears_that_it_is_cancelled() {
        try (var world = TestWorld.create()) {
            var heard = new ArrayList<String>();
            world.dispatcher()
                    .registerAsync(Part.class, ScriptedExecutor.of(Part.class).hangs());
            world.dispatcher().register(Load.class, (job, context) -> {
                try {
                    return context.dispatch(new Part(1)).await(HOUR).toString();
                } catch (InterruptedException interrupted) {
                    heard.add("interrupted, flag " + Thread.currentThread().isInterrupted());
                    throw interrupted;
                }
            });
            var handle = world.dispatcher().dispatch(new Load(1));
            world.runUntilIdle();
            handle.cancel("enough");
            world.runUntilIdle();
            assertThat(world).job(handle).wasCancelledBecause("enough");
            assertThat(heard).containsExactly("interrupted, flag false");
            assertThat(world.leftBehind()).isEmpty();
        }
    }

    // ---- what goes wrong ----

    @Test
    void who_waits_for_what_cannot_happen_is_told_what_waits() {
        try (var world = TestWorld.create()) {
            world.dispatcher()
                    .registerAsync(Part.class, ScriptedExecutor.of(Part.class).hangs());
            world.dispatcher()
                    .register(
                            Sum.class,
                            (job, context) -> context.dispatch(new Part(1))
                                    .await(Duration.ofDays(400_000))
                                    .hashCode());
            assertThatThrownBy(() -> world.dispatcher().run(new Sum(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("nothing can happen any more")
                    .hasMessageContaining("the worker of job Sum")
                    .hasMessageContaining("TestWorldTest.java");
        }
    }

    @Test
    void code_that_waits_for_something_unknown_is_named() {
        var latch = new CountDownLatch(1);
        var world = TestWorld.withPatience(Duration.ofMillis(50));
        world.dispatcher().register(Load.class, (job, context) -> {
            latch.await();
            return "done";
        });
        world.dispatcher().dispatch(new Load(1));
        assertThatThrownBy(world::runUntilIdle)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the worker of job Load")
                .hasMessageContaining("TestWorldTest.java");
        assertThatThrownBy(world::runUntilIdle).hasMessageContaining("this world is broken");
        latch.countDown();
        assertThatThrownBy(world::close).isInstanceOf(AssertionError.class);
    }

    @Test
    void who_waits_with_a_lock_held_that_others_need_is_told_so() {
        var lock = new ReentrantLock();
        var world = TestWorld.withPatience(Duration.ofMillis(50));
        world.dispatcher().register(Part.class, (job, context) -> job.number());
        world.dispatcher().register(Load.class, (job, context) -> {
            lock.lockInterruptibly();
            try {
                return context.dispatch(new Part(1)).await(HOUR).toString();
            } finally {
                lock.unlock();
            }
        });
        world.dispatcher().dispatch(new Load(1));
        world.dispatcher().dispatch(new Load(2));
        assertThatThrownBy(world::runUntilIdle)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("It is at a lock")
                .hasMessageContaining("no lock held");
        assertThatThrownBy(world::close).isInstanceOf(AssertionError.class);
    }

    @Test
    void an_error_of_a_handler_is_in_the_timeline_and_goes_no_further() {
        try (var world = TestWorld.create()) {
            world.own(world.bus().subscribe(Said.class, said -> {
                throw new IllegalStateException("of the handler");
            }));
            world.bus().emit(new Said(1));
            assertThatThrownBy(() -> assertThat(world).hasNoErrors())
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("of the handler");
            assertThat(world.timeline().errors()).hasSize(1);
        }
    }

    @Test
    void the_world_is_not_run_from_inside() {
        try (var world = TestWorld.create()) {
            var refused = new ArrayList<Throwable>();
            world.dispatcher().register(Load.class, (job, context) -> {
                try {
                    world.runUntilIdle();
                } catch (IllegalStateException error) {
                    refused.add(error);
                }
                return "done";
            });
            world.dispatcher().dispatch(new Load(1));
            world.runUntilIdle();
            assertThat(refused).singleElement().asString().contains("the world runs already");
        }
    }

    @Test
    void bad_input_is_refused() {
        try (var world = TestWorld.create()) {
            assertThatThrownBy(() -> world.advance(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("PT-1S");
            assertThatThrownBy(() -> world.own(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> world.advance(null)).isInstanceOf(NullPointerException.class);
        }
    }

    // ---- the end ----

    @Test
    void what_is_left_behind_is_named() throws Exception {
        var world = TestWorld.create();
        world.dispatcher()
                .registerAsync(Part.class, ScriptedExecutor.of(Part.class).hangs());
        world.dispatcher().register(Sum.class, (job, context) -> {
            context.dispatch(new Part(7)).await(HOUR);
            return 1;
        });
        var adder = new Adder(world.dispatcher(), world.bus());
        adder.dispatch(new Sum(5), JobOptions.builder().timeout(HOUR).build());
        var subscription = world.bus().subscribe(Said.class, said -> {});
        List<String> left = world.leftBehind();
        assertThat(left).hasSize(6);
        assertThat(left)
                .filteredOn(each -> each.contains("of type " + Sum.class.getName()))
                .singleElement()
                .asString()
                .contains("of orchestrator Adder")
                .contains("RUNNING")
                .contains("Sum[parts=5]");
        assertThat(left)
                .filteredOn(each -> each.contains("of type " + Part.class.getName()))
                .hasSize(1);
        assertThat(left).contains("orchestrator Adder is not closed");
        assertThat(left)
                .filteredOn(each -> each.startsWith("the subscriber "))
                .singleElement()
                .asString()
                .contains("TestWorldTest")
                .contains("Said");
        assertThat(left)
                .filteredOn(each -> each.startsWith("the worker of job Sum"))
                .singleElement()
                .asString()
                .contains("TestWorldTest.java");
        assertThat(left)
                .filteredOn(each -> each.startsWith("a timer that is due in PT1H"))
                .singleElement()
                .asString()
                .contains("limitTotal")
                .contains("TestWorldTest.java");
        subscription.close();
        adder.cancelAll();
        world.runUntilIdle();
        adder.close();
        assertThat(world.leftBehind()).isEmpty();
        world.close();
        world.close();
    }

    @Test
    void the_world_closes_what_it_has_in_its_care_the_newest_first() {
        var closed = new ArrayList<Integer>();
        var world = TestWorld.create();
        for (int i = 0; i < 3; i++) {
            int number = i;
            world.own(() -> closed.add(number));
        }
        world.close();
        assertThat(closed).containsExactly(2, 1, 0);
    }

    @Test
    void one_that_cannot_be_closed_does_not_keep_the_others_open() {
        var closed = new ArrayList<Integer>();
        var world = TestWorld.create();
        world.own(() -> closed.add(1));
        world.own(() -> {
            throw new IOException("of the closing");
        });
        assertThatThrownBy(world::close).isInstanceOf(AssertionError.class).hasRootCauseMessage("of the closing");
        assertThat(closed).containsExactly(1);
    }

    @Test
    void no_thread_is_left_when_the_world_is_closed() throws Exception {
        var world = TestWorld.create();
        var threads = new HashSet<Thread>();
        world.dispatcher().register(Part.class, (job, context) -> {
            threads.add(Thread.currentThread());
            return 1;
        });
        world.dispatcher().register(Load.class, (job, context) -> {
            threads.add(Thread.currentThread());
            return context.dispatch(new Part(1)).await(HOUR).toString();
        });
        for (int i = 0; i < 10; i++) world.dispatcher().dispatch(new Load(i));
        world.runUntilIdle();
        world.close();
        for (Thread thread : threads) {
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(threads).isNotEmpty();
    }
}
