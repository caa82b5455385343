package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.StillWorld.Load;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** P1, P10, P11: corners of limits that were once broken, each named after what must be true there. */
class LimitCornersTest {
    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    @Test
    void a_first_taker_that_a_limit_turns_away_sees_nothing_of_the_work_that_goes_on_for_others() {
        var world = new StillWorld(options().limit(RunLimit.of(1).orWait()).build());
        var join = options().joinRunning("k").build();
        world.load(0);
        for (int i = 0; i < RunLimit.LONGEST_WAIT; i++) world.load(100 + i);
        var joined = new ArrayList<JobHandle<String>>();
        var caller = TestWork.inAnotherThread(() -> {
            Thread.currentThread().setName("caller");
            assertThatThrownBy(() -> world.dispatcher.dispatch(new Load(1), join))
                    .isInstanceOfSatisfying(
                            JobRejectedException.class,
                            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.LIMIT_QUEUE_FULL));
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        });
        TestWork.until(() -> world.bus.runs().all().size() == RunLimit.LONGEST_WAIT + 2, "it never came");
        Thread waiting = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("caller"))
                .findAny()
                .orElseThrow();
        TestWork.until(() -> waiting.getState() == Thread.State.TIMED_WAITING, "it never waited");
        joined.add(world.load(2, join));
        waiting.interrupt();
        TestWork.valueOf(caller);
        for (var run : List.copyOf(world.bus.runs().all())) {
            if (run.job() instanceof Load(int number) && number >= 100) run.cancel("not wanted");
        }
        world.settle();
        world.letGo(0);
        assertThat(world.inside()).as("the work goes on").containsExactly(1);
        world.letGo(1);
        assertThat(ending(joined.get(0))).isEqualTo(done(1));
        assertThat(world.events.of(JobEvent.class))
                .noneMatch(event -> event.job() instanceof Load(int number)
                        && number == 1
                        && !event.correlationId().equals(joined.get(0).id()));
        assertThat(world.kept()).isZero();
    }

    /** Does something when it is asked for the second time from now on: when its limit is looked up. */
    private static final class KeyThatActs {
        private int countdown;
        private Runnable action = () -> {};

        void whenItsLimitIsLookedUp(Runnable task) {
            countdown = 2;
            action = task;
        }

        @Override
        public int hashCode() {
            if (--countdown == 0) action.run();
            return 7;
        }
    }

    @Test
    void the_work_waits_for_its_limit_for_one_who_joins_it_while_the_first_taker_is_turned_away() {
        var world = new StillWorld(JobOptions.none());
        var key = new KeyThatActs();
        var limited = options().limitPerKey(key, RunLimit.of(1)).build();
        var joining = options().joinRunning("k").build();
        var both = options().joinRunning("k").limitPerKey(key, RunLimit.of(1)).build();
        world.load(0, limited);
        var joined = new ArrayList<JobHandle<String>>();
        key.whenItsLimitIsLookedUp(() -> joined.add(world.load(2, joining)));
        assertThatThrownBy(() -> world.load(1, both)).isInstanceOf(JobRejectedException.class);
        assertThat(joined).hasSize(1);
        assertThat(world.inside()).containsExactly(0);
        world.letGo(0);
        assertThat(world.inside()).as("the work goes on").containsExactly(1);
        world.letGo(1);
        assertThat(ending(joined.getFirst())).isEqualTo(done(1));
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_limit_of_a_key_stays_while_a_job_with_that_key_waits_for_another_limit() {
        var world = new StillWorld(RunLimit.of(2).orQueue(10));
        var one = options().limitPerKey("k", RunLimit.of(1).orQueue(10)).build();
        var many = options().limitPerKey("k", RunLimit.of(5).orQueue(10)).build();
        world.store(0, JobOptions.none());
        world.store(9, JobOptions.none());
        world.load(1, one);
        world.cancel(world.load(2, one));
        world.load(3, many);
        world.letGo(0);
        world.letGo(9);
        assertThat(world.inside()).as("the first one in flight set the limit").containsExactly(1);
        world.letGo(1);
        world.letGo(3);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_grandchild_takes_a_slot_when_the_ancestor_that_held_one_is_down() {
        var world = new StillWorld(options().limit(RunLimit.of(1).orQueue(10)).build());
        world.load(1);
        world.context(1).dispatch(new Load(2));
        world.settle();
        world.letGo(1);
        world.load(3);
        assertThat(world.inside()).containsExactlyInAnyOrder(2, 3);
        world.context(2).dispatch(new Load(4));
        world.settle();
        assertThat(world.inside()).as("nobody above it holds a slot").containsExactlyInAnyOrder(2, 3);
        world.letGo(3);
        assertThat(world.inside()).containsExactlyInAnyOrder(2, 4);
        world.letGo(2);
        world.letGo(4);
        assertThat(world.kept()).isZero();
    }

    /** P10: each ends before the next one is dispatched by the one after. */
    @Test
    void a_chain_of_children_that_outlive_their_parents_keeps_nothing_of_those_before() {
        var world = new StillWorld(
                builder -> builder.limit(RunLimit.of(2)),
                options().limit(RunLimit.of(2)).build());
        world.load(0);
        for (int i = 1; i < 200; i++) {
            if (i % 2 == 0) world.context(i - 1).dispatch(new Load(i));
            else world.context(i - 1).dispatch(new StillWorld.Store(i));
            world.settle();
            world.letGo(i - 1);
        }
        int deep = 0;
        RunSlots slots = world.bus.runs().all().iterator().next().slots();
        for (; slots != null; slots = slots.ancestors()) deep++;
        assertThat(deep).isLessThan(5);
        world.letGo(199);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_throttled_dispatch_takes_no_slot_from_anybody() {
        var world = new StillWorld(RunLimit.of(1).orQueue(1));
        var throttled = options().throttle("k", Duration.ofSeconds(1)).build();
        world.load(1, throttled);
        world.letGo(1);
        assertThatThrownBy(() -> world.load(2, throttled))
                .isInstanceOfSatisfying(
                        JobRejectedException.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED));
        world.store(3, JobOptions.none());
        world.store(4, JobOptions.none());
        assertThatThrownBy(() -> world.load(5, throttled))
                .as("the line is full, but that is not the reason")
                .isInstanceOfSatisfying(
                        JobRejectedException.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED));
    }

    @Test
    void a_dispatch_that_a_limit_refuses_opens_no_window_of_a_throttle() {
        var world = new StillWorld(RunLimit.of(1));
        var throttled = options().throttle("k", Duration.ofSeconds(1)).build();
        world.store(1, JobOptions.none());
        assertThatThrownBy(() -> world.load(2, throttled)).isInstanceOf(JobRejectedException.class);
        world.letGo(1);
        assertThat(world.kept()).isZero();
        world.load(3, throttled);
        assertThat(world.inside()).containsExactly(3);
    }

    @Test
    void a_throttle_keeps_no_timer_when_its_dispatcher_is_closed() {
        var world = new StillWorld();
        world.load(1, options().throttle("k", Duration.ofDays(365)).build());
        world.letGo(1);
        world.closeDispatcher();
        assertThat(world.kept()).isZero();
    }
}
