package dev.orchestrator;

import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.notWanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.StillWorld.Store;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** P11: a child takes no slot of a limit of which an ancestor holds one, so waiting for one's child cannot deadlock. */
class LimitOfChildrenTest {
    private static final JobOptions LIMIT_1 =
            JobOptions.builder().limit(RunLimit.of(1).orQueue(10)).build();

    private static JobHandle<String> child(StillWorld world, int parent, Job<String> job) {
        return world.settled(world.context(parent).dispatch(job));
    }

    @Test
    void four_folder_jobs_that_await_children_at_a_limit_of_four() throws Exception {
        var bus = SignalBus.scoped();
        var dispatcher =
                Dispatcher.builder().bus(bus).limit(RunLimit.of(4).orWait()).build();
        var allInside = new CountDownLatch(4);
        dispatcher.register(Work.class, (job, context) -> {
            allInside.countDown();
            Gate.await(allInside, "the four are not there together");
            var child = context.dispatch(new Part(3));
            return child.await(TestWork.LIMIT).orThrow();
        });
        dispatcher.register(Part.class, (job, context) -> {
            if (job.number() == 0) return "leaf";
            return context.dispatch(new Part(job.number() - 1))
                    .await(TestWork.LIMIT)
                    .orThrow();
        });
        var folders = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < 4; i++) folders.add(dispatcher.dispatch(new Work(i)));
        for (var folder : folders) assertThat(TestWork.endingOf(folder)).isEqualTo(new JobResult.Success<>("leaf"));
        dispatcher.close();
        assertThat(dispatcher.acceptance().kept()).isZero();
    }

    @Test
    void children_and_grandchildren_of_one_that_holds_a_slot_start_at_once() {
        var world = new StillWorld(RunLimit.of(1));
        world.load(1);
        child(world, 1, new Load(2));
        child(world, 2, new Store(3));
        assertThat(world.begun).containsExactly(1, 2, 3);
        assertThatThrownBy(() -> world.load(4)).isInstanceOf(JobRejectedException.class);
        world.letGo(3);
        assertThatThrownBy(() -> world.load(5))
                .as("a child gave no slot back, since it had none")
                .isInstanceOf(JobRejectedException.class);
        world.letGo(2);
        world.letGo(1);
        world.load(6);
        assertThat(world.isInside(6)).isTrue();
        world.letGo(6);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_child_takes_a_slot_of_a_limit_of_which_no_ancestor_holds_one() {
        var world = new StillWorld(builder -> builder.limit(RunLimit.of(1)), LIMIT_1);
        world.store(1, JobOptions.none());
        child(world, 1, new Load(2));
        child(world, 1, new Load(3));
        assertThat(world.inside()).as("one leaf at a time").containsExactlyInAnyOrder(1, 2);
        world.letGo(2);
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 3);
        world.letGo(3);
        world.letGo(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_child_of_a_child_of_another_type_takes_no_slot_of_the_first_ones_type() {
        var world = new StillWorld(LIMIT_1);
        world.load(1);
        child(world, 1, new Store(2));
        child(world, 2, new Load(3));
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2, 3);
        var other = world.load(4);
        world.letGo(3);
        assertThat(world.isInside(4)).isFalse();
        world.letGo(1);
        assertThat(world.isInside(4)).isTrue();
        world.letGo(4);
        world.letGo(2);
        assertThat(StillWorld.isOpen(other)).isFalse();
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_child_takes_no_slot_of_the_limit_of_a_key_that_its_parent_has() {
        var world = new StillWorld();
        var one = JobOptions.builder().limitPerKey("k", RunLimit.of(1)).build();
        world.load(1, one);
        world.settled(world.context(1).dispatch(new Load(2), one));
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
        world.letGo(1);
        world.load(3, one);
        assertThat(world.inside()).containsExactlyInAnyOrder(2, 3);
        world.letGo(2);
        world.letGo(3);
        assertThat(world.kept()).isZero();
    }

    @Test
    void the_children_of_a_job_with_a_key_know_the_slots_of_its_work() {
        var world = new StillWorld(RunLimit.of(1));
        world.load(1, JobOptions.builder().joinRunning("k").build());
        child(world, 1, new Load(2));
        world.settled(world.context(2)
                .dispatch(
                        new Store(3),
                        JobOptions.builder().queueIfRunning("k", 1).build()));
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void a_child_that_waits_for_its_slot_is_cancelled_with_its_parent() {
        var world = new StillWorld(LIMIT_1);
        world.load(1);
        var parent = world.store(2, JobOptions.none());
        var waiting = child(world, 2, new Load(3));
        world.cancel(parent);
        assertThat(List.of(ending(parent))).containsExactly(notWanted());
        assertThat(ending(waiting)).isInstanceOf(JobResult.Cancelled.class);
        world.letGo(1);
        assertThat(world.begun).containsExactly(1, 2);
        assertThat(world.kept()).isZero();
    }
}
