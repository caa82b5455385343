package dev.orchestrator;

import static dev.orchestrator.StillWorld.done;
import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static dev.orchestrator.StillWorld.notWanted;
import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** P1, P2, P10: corners of keys that were once broken, each named after what must be true there. */
class KeyCornersTest {
    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    private static CancellationToken cancelled() {
        var token = new CancellationToken();
        token.cancel("not wanted");
        return token;
    }

    // ---- a dispatch that is over before it is taken in ----

    @Test
    void a_dispatch_whose_token_was_cancelled_before_keeps_no_key() {
        var world = new StillWorld();
        var handle =
                world.load(1, options().replaceRunning("k").token(cancelled()).build());
        assertThat(ending(handle)).isEqualTo(notWanted());
        assertThat(world.kept()).isZero();
        world.load(2, options().dropIfRunning("k").build());
        assertThat(world.begun).containsExactly(2);
    }

    @Test
    void a_dispatch_whose_token_was_cancelled_before_disturbs_nobody_with_its_key() {
        var world = new StillWorld();
        var token = cancelled();
        world.load(1, options().replaceRunning("k").build());
        var debounced =
                world.load(2, options().debounce("k", Duration.ofSeconds(1)).build());
        world.load(3, options().replaceRunning("k").token(token).build());
        world.load(
                4, options().debounce("k", Duration.ofSeconds(1)).token(token).build());
        world.load(5, options().throttle("k", Duration.ofDays(1)).token(token).build());
        assertThat(isOpen(debounced)).isTrue();
        world.pass(Duration.ofSeconds(1));
        assertThat(world.inside()).containsExactlyInAnyOrder(1, 2);
        world.letGo(1);
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    // ---- when a key is free ----

    @Test
    void the_key_is_free_when_the_result_is_there() {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> "done");
        var drop = options().dropIfRunning("k").build();
        for (int round = 0; round < 2_000; round++)
            assertThat(endingOf(dispatcher.dispatch(new Work(round), drop))).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void the_key_is_free_inside_the_hook_of_the_ending() {
        var world = new StillWorld();
        var again = new ArrayList<Boolean>();
        var owner = new RecordedOrchestrator(world.dispatcher, world.bus, Runnable::run);
        owner.onActive = event -> {
            if (event instanceof JobSuccessEvent<?> && again.isEmpty())
                again.add(owner.dispatchIfIdle("k", new Load(2)).isPresent());
        };
        owner.dispatchIfIdle("k", new Load(1));
        world.settle();
        world.letGo(1);
        assertThat(again).containsExactly(true);
        assertThat(world.inside()).containsExactly(2);
    }

    @Test
    void the_next_with_a_key_starts_although_a_subscriber_of_the_ending_does_not_return() {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        var stuck = new Gate();
        var first = new Gate();
        dispatcher.register(Work.class, (job, context) -> job.number() == 1 ? first.pass("") : "done");
        bus.subscribe(JobSuccessEvent.class, event -> {
            if (event.job() instanceof Work(int number) && number == 1) stuck.passUninterruptibly("");
        });
        var queue = options().queueIfRunning("k", 1).build();
        dispatcher.dispatch(new Work(1), queue);
        first.awaitArrival();
        var next = dispatcher.dispatch(new Work(2), queue);
        first.open();
        stuck.awaitArrival();
        try {
            assertThat(endingOf(next)).isEqualTo(new JobResult.Success<>("done"));
        } finally {
            stuck.open();
        }
    }

    /** Its owner reads: the old one was cancelled, the new one has started. */
    @Test
    void the_owner_gets_the_ending_of_the_old_one_before_the_start_of_the_new_one() {
        var world = new StillWorld();
        var owner = new RecordedOrchestrator(world.dispatcher, world.bus);
        owner.dispatchLatest("k", new Load(1));
        world.settle();
        owner.dispatchLatest("k", new Load(2));
        world.settle();
        assertThat(owner.active())
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("JobStartedEvent", "JobCancelledEvent", "JobStartedEvent");
    }

    // ---- joining ----

    @Test
    void the_owner_of_a_first_taker_that_left_is_not_kept_by_the_work() {
        var world = new StillWorld();
        var join = options().joinRunning("k").build();
        var owner = new RecordedOrchestrator(world.dispatcher, world.bus);
        var first = owner.dispatch(new Load(1), join);
        world.settle();
        world.load(2, join);
        world.cancel(first);
        assertThat(world.begun).containsExactly(1);
        var child = world.context(1).dispatch(new Load(3)); // nobody's: its parent's owner takes part no more
        world.settle();
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(isOpen(child)).isTrue();
        world.letGo(3);
        world.letGo(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_work_that_is_replaced_is_not_joined_any_more() {
        var world = new StillWorld();
        var joinOf = new ArrayList<JobHandle<String>>();
        var first = world.load(1, options().joinRunning("k").build());
        // The one that is about to be cancelled is told, and that brings a dispatch that would join its work.
        world.load(2, options().joinRunning("k").build());
        first.result()
                .thenRun(() -> joinOf.add(world.dispatcher.dispatch(
                        new Load(3), options().joinRunning("k").build())));
        var replacing = world.load(4, options().replaceRunning("k").build());
        assertThat(world.begun).as("the third one joins the newest").containsExactly(1, 4);
        world.letGo(4);
        assertThat(ending(replacing)).isEqualTo(done(4));
        assertThat(joinOf)
                .singleElement()
                .satisfies(third -> assertThat(ending(third)).isEqualTo(done(4)));
        assertThat(world.kept()).isZero();
    }
}
