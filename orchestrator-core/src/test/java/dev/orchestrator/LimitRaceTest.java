package dev.orchestrator;

import static dev.orchestrator.TestWork.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P11: under many threads never more jobs are in flight than allowed, none is lost, and those that wait are in order. */
class LimitRaceTest {
    /** How many are in flight of what is counted, and the most that there were. */
    private static final class Count {
        final AtomicInteger now = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();

        void in() {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
        }

        void out() {
            now.decrementAndGet();
        }
    }

    private static final int THREADS = 6;
    private static final int EACH = 1_500;

    private final ConcurrentHashMap<Object, Count> counts = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<JobHandle<String>> accepted = new ConcurrentLinkedQueue<>();

    private String counted(Object key) {
        var all = List.of(count("all"), count(key));
        all.forEach(Count::in);
        Thread.yield();
        all.forEach(Count::out);
        return "done";
    }

    private Count count(Object key) {
        return counts.computeIfAbsent(key, fresh -> new Count());
    }

    private static void assertNothingIsKept(Dispatcher dispatcher) {
        until(() -> dispatcher.acceptance().kept() == 0, "something is kept");
    }

    @Test
    void three_kinds_of_limits_hold_together() {
        var dispatcher = Dispatcher.builder()
                .bus(SignalBus.scoped())
                .limit(RunLimit.of(5).orWait())
                .build();
        dispatcher.register(
                Work.class,
                (job, context) -> counted("work"),
                JobOptions.builder().limit(RunLimit.of(3).orWait()).build());
        dispatcher.register(Part.class, (job, context) -> counted("part " + job.number()));
        var perKey = new ArrayList<JobOptions>();
        for (int key = 0; key < 3; key++) {
            perKey.add(JobOptions.builder()
                    .limitPerKey(key, RunLimit.of(2).orQueue(2 * THREADS * EACH))
                    .build());
        }
        Together.onThreads(THREADS, thread -> {
            for (int i = 0; i < EACH; i++) {
                accepted.add(
                        (i + thread) % 2 == 0
                                ? dispatcher.dispatch(new Work(i))
                                : dispatcher.dispatch(new Part(i % 3), perKey.get(i % 3)));
                if (i % 5 == 0) dispatcher.dispatch(new Work(i)).cancel("not wanted");
            }
        });
        for (var handle : accepted) assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(accepted).hasSize(THREADS * EACH);
        assertThat(count("all").most.get()).isBetween(1, 5);
        assertThat(count("work").most.get()).isBetween(1, 3);
        for (int key = 0; key < 3; key++)
            assertThat(count("part " + key).most.get()).isBetween(1, 2);
        assertNothingIsKept(dispatcher);
    }

    @Test
    void a_key_and_a_limit_hold_together() {
        var dispatcher = Dispatcher.builder()
                .bus(SignalBus.scoped())
                .limit(RunLimit.of(2).orQueue(10_000))
                .build();
        dispatcher.register(Part.class, (job, context) -> counted(job.number()));
        Together.onThreads(THREADS, thread -> {
            for (int i = 0; i < EACH; i++) {
                accepted.add(dispatcher.dispatch(
                        new Part(i % 4),
                        JobOptions.builder().queueIfRunning(i % 4, 10_000).build()));
            }
        });
        for (var handle : accepted) assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(count("all").most.get()).isBetween(1, 2);
        for (int key = 0; key < 4; key++) assertThat(count(key).most).hasValue(1);
        assertNothingIsKept(dispatcher);
    }

    @Test
    void what_is_refused_and_what_is_accepted_is_all_there_is() {
        var dispatcher = Dispatcher.builder()
                .bus(SignalBus.scoped())
                .limit(RunLimit.of(2).orQueue(3))
                .build();
        dispatcher.register(Work.class, (job, context) -> counted("work"));
        var refused = new AtomicInteger();
        Together.onThreads(THREADS, thread -> {
            for (int i = 0; i < EACH; i++)
                dispatcher.tryDispatch(new Work(i)).ifPresentOrElse(accepted::add, refused::incrementAndGet);
        });
        accepted.forEach(TestWork::endingOf);
        assertThat(accepted.size() + refused.get()).isEqualTo(THREADS * EACH);
        assertThat(accepted).isNotEmpty();
        assertThat(count("all").most.get()).isBetween(1, 2);
        assertNothingIsKept(dispatcher);
    }

    // ---- ten thousand that follow each other ----

    private static int depth() {
        return StackWalker.getInstance().walk(frames -> (int) frames.count());
    }

    private static void assertThatTenThousandFollowEachOther(
            Dispatcher.Builder making, JobOptions.Builder options, Executor worker) {
        var dispatcher = making.bus(SignalBus.scoped())
                .worker(worker)
                .closeGrace(Duration.ofSeconds(30))
                .build();
        var first = new Gate();
        var order = new ConcurrentLinkedQueue<Integer>();
        var deepest = new AtomicInteger();
        dispatcher.register(Work.class, (job, context) -> {
            if (job.number() == 0) first.pass("");
            order.add(job.number());
            deepest.accumulateAndGet(depth(), Math::max);
            return "done";
        });
        var inTheWay = TestWork.inAnotherThread(() -> dispatcher.dispatch(new Work(0), options.build()));
        first.awaitArrival();
        int last = RunLimit.LONGEST_WAIT;
        JobHandle<String> handle = null;
        for (int i = 1; i <= last; i++) handle = dispatcher.dispatch(new Work(i), options.build());
        first.open();
        TestWork.valueOf(inTheWay);
        assertThat(handle).isNotNull();
        assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        assertThat(List.copyOf(order)).hasSize(1 + last).isSorted();
        assertThat(deepest.get()).as("frames on the stack").isLessThan(200);
        assertNothingIsKept(dispatcher);
    }

    @Test
    void ten_thousand_follow_each_other_at_a_limit_on_an_executor_that_runs_in_the_caller() {
        assertThatTenThousandFollowEachOther(
                Dispatcher.builder().limit(RunLimit.of(1).orWait()), JobOptions.builder(), Runnable::run);
    }

    @Test
    void ten_thousand_follow_each_other_at_a_key_on_an_executor_that_runs_in_the_caller() {
        assertThatTenThousandFollowEachOther(
                Dispatcher.builder(), JobOptions.builder().queueIfRunning("k", RunLimit.LONGEST_WAIT), Runnable::run);
    }

    @Test
    void ten_thousand_follow_each_other_on_a_pool() {
        try (var pool = Executors.newFixedThreadPool(2)) {
            assertThatTenThousandFollowEachOther(
                    Dispatcher.builder().limit(RunLimit.of(1).orWait()), JobOptions.builder(), pool);
        }
    }
}
