package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.StillWorld.Store;
import java.util.List;
import org.junit.jupiter.api.Test;

/** P9, "same job again": dispatchLatest, dispatchIfIdle, dispatchAll and tryDispatch of an orchestrator. */
class OwnKeysTest {
    private record Unknown() implements Job<String> {}

    private record Count(int number) implements Job<Integer> {}

    private static final JobOptions DROP =
            JobOptions.builder().dropIfRunning("k").build();

    private final StillWorld world = new StillWorld();
    private final RecordedOrchestrator owner = new RecordedOrchestrator(world.dispatcher, world.bus);

    @Test
    void the_latest_one_replaces_the_one_before_whatever_its_type() {
        world.deaf.add(1);
        var first = owner.dispatchLatest("k", new Load(1));
        world.settle();
        var second = owner.dispatchLatest("k", new Store(2));
        var third = owner.dispatchLatest("k", new Store(3));
        world.settle();
        assertThat(world.begun).containsExactly(1);
        assertThat(ending(second)).as("replaced while it waited").isInstanceOf(JobResult.Cancelled.class);
        assertThat(isOpen(first)).isTrue();
        world.letGo(1);
        assertThat(ending(first)).isInstanceOf(JobResult.Cancelled.class);
        world.letGo(3);
        assertThat(ending(third)).isEqualTo(done(3));
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_is_dispatched_if_idle_only_when_none_with_the_key_is_under_way() {
        var first = owner.dispatchIfIdle("k", new Load(1));
        assertThat(owner.dispatchIfIdle("k", new Store(2))).isEmpty();
        world.settle();
        world.letGo(1);
        assertThat(first)
                .hasValueSatisfying(handle -> assertThat(ending(handle)).isEqualTo(done(1)));
        assertThat(owner.dispatchIfIdle("k", new Store(3))).isPresent();
        world.settle();
        assertThat(world.begun).containsExactly(1, 3);
        owner.dispatchLatest("k", new Load(4));
        assertThat(owner.dispatchIfIdle("k", new Load(5))).isEmpty();
        world.settle();
        world.letGo(4);
        assertThat(world.begun).containsExactly(1, 3, 4);
        assertThat(world.kept()).isZero();
    }

    @Test
    void keys_of_two_orchestrators_and_of_the_dispatcher_do_not_know_each_other() {
        var other = new RecordedOrchestrator(world.dispatcher, world.bus);
        owner.dispatchLatest("k", new Load(1));
        other.dispatchLatest("k", new Load(2));
        world.load(3, DROP);
        assertThat(other.dispatchIfIdle("k", new Load(4))).isEmpty();
        owner.dispatch(new Store(5), DROP);
        world.settle();
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2, 3, 5);
    }

    @Test
    void options_with_a_key_of_their_own_are_refused_there() {
        assertThatThrownBy(() -> owner.dispatchLatest("k", new Load(1), DROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the options have a key of their own (k); leave it out where the method is given one");
        assertThatThrownBy(() -> owner.dispatchIfIdle("k", new Load(1), DROP))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a key of their own");
        assertThatThrownBy(() -> owner.dispatchLatest(" ", new Load(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a key must not be blank");
        assertThatThrownBy(() -> owner.dispatchLatest("k", new Unknown()))
                .isInstanceOf(ExecutorNotFoundException.class);
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_closed_orchestrator_keeps_no_key() {
        var handle = owner.dispatchLatest("k", new Load(1));
        owner.dispatchLatest("k", new Load(2));
        world.settle();
        owner.close();
        world.settle();
        assertThat(ending(handle)).isInstanceOf(JobResult.Cancelled.class);
        world.letGo(2);
        assertThat(world.kept()).isZero();
        assertThatThrownBy(() -> owner.dispatchLatest("k", new Load(3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(world.kept()).isZero();
    }

    // ---- several at once ----

    @Test
    void all_are_dispatched_in_their_order() {
        List<JobHandle<? extends String>> handles = owner.dispatchAll(List.of(new Load(1), new Store(2), new Load(3)));
        world.settle();
        assertThat(world.begun).containsExactly(1, 2, 3);
        assertThat(handles).hasSize(3);
        assertThat(owner.hasActiveJobs()).isTrue();
    }

    @Test
    void jobs_of_several_result_types_are_dispatched_together() {
        world.dispatcher.register(Count.class, (job, context) -> job.number());
        List<JobHandle<? extends Object>> handles = owner.dispatchAll(List.of(new Load(1), new Count(2)));
        world.settle();
        assertThat(ending(handles.get(1))).isEqualTo(new JobResult.Success<>(2));
    }

    @Test
    void an_unknown_type_stops_them_all() {
        assertThatThrownBy(() -> owner.dispatchAll(List.of(new Load(1), new Unknown())))
                .isInstanceOf(ExecutorNotFoundException.class)
                .hasMessageContaining("Unknown");
        world.settle();
        assertThat(world.begun).isEmpty();
        assertThat(owner.hasActiveJobs()).isFalse();
    }

    @Test
    void a_later_refusal_leaves_those_before_it_running() {
        world.dispatcher.close();
        var limited = new StillWorld(RunLimit.of(2));
        var own = new RecordedOrchestrator(limited.dispatcher, limited.bus);
        assertThatThrownBy(() -> own.dispatchAll(List.of(new Load(1), new Load(2), new Load(3), new Load(4))))
                .isInstanceOf(JobRejectedException.class);
        limited.settle();
        assertThat(limited.begun).containsExactly(1, 2);
        assertThat(own.hasActiveJobs()).isTrue();
        limited.letGo(1);
        limited.letGo(2);
        assertThat(own.hasActiveJobs()).isFalse();
    }

    @Test
    void a_dispatch_that_is_tried_answers_with_nothing_where_it_would_be_refused_by_a_policy() {
        assertThat(owner.tryDispatch(new Load(1), DROP)).isPresent();
        assertThat(owner.tryDispatch(new Load(2), DROP)).isEmpty();
        assertThat(world.dispatcher.tryDispatch(new Load(3), DROP)).isEmpty();
        assertThat(world.dispatcher.tryDispatch(new Load(4))).isPresent();
        assertThatThrownBy(() -> owner.tryDispatch(new Unknown())).isInstanceOf(ExecutorNotFoundException.class);
        owner.close();
        assertThatThrownBy(() -> owner.tryDispatch(new Load(5))).isInstanceOf(IllegalStateException.class);
    }
}
