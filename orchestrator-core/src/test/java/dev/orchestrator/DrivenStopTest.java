package dev.orchestrator;

import static dev.orchestrator.StillWorld.ending;
import static dev.orchestrator.StillWorld.isOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.orchestrator.DrivenWorld.Pack;
import dev.orchestrator.DrivenWorld.Ship;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P1, P7: who wishes that a driven job stops tells its driver so, once, and the driver ends it. */
class DrivenStopTest {
    private final DrivenWorld world = new DrivenWorld();
    private final List<String> wishes = new ArrayList<>();

    private void takeWishes() {
        world.onStart = control -> control.onStop(wishes::add);
    }

    @Test
    void the_first_cancel_passes_a_wish_and_the_job_goes_on_until_its_driver_ends_it() {
        takeWishes();
        var handle = world.ship(1);
        world.control(1).started();
        assertThat(world.phase()).isEqualTo(JobSnapshot.Phase.RUNNING);
        assertThat(handle.cancel("not wanted")).isTrue();
        assertThat(handle.cancel("really")).isFalse();
        assertThat(wishes).isEmpty(); // not on the thread of whoever wishes
        world.settle();
        assertThat(wishes).containsExactly("not wanted");
        assertThat(isOpen(handle)).isTrue();
        assertThat(world.phase()).isEqualTo(JobSnapshot.Phase.STOPPING);
        assertThat(world.control(1).succeed("all the same")).isTrue();
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("all the same"));
        assertThat(handle.cancel("late")).isFalse();
    }

    @Test
    void a_wish_is_not_passed_when_the_job_has_ended_meanwhile() {
        takeWishes();
        var handle = world.ship(1);
        handle.cancel("not wanted");
        world.control(1).succeed("done");
        world.settle();
        assertThat(wishes).isEmpty();
    }

    @Test
    void without_a_handler_a_wish_ends_the_job_at_once() {
        var handle = world.ship(1);
        assertThat(world.phase()).isEqualTo(JobSnapshot.Phase.WAITING);
        assertThat(handle.cancel("not wanted")).isTrue();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(world.control(1).succeed("late")).isFalse();
        world.control(1).onStop(wishes::add);
        assertThat(world.told(handle)).containsExactly("JobCancelledEvent");
    }

    @Test
    void a_handler_may_be_declared_after_start_and_only_once() {
        var handle = world.ship(1);
        world.control(1).onStop(wishes::add);
        assertThatIllegalStateException()
                .isThrownBy(() -> world.control(1).onStop(wishes::add))
                .withMessageContaining("has an onStop handler already");
        handle.cancel("not wanted");
        assertThatIllegalStateException().isThrownBy(() -> world.control(1).onStop(wishes::add));
        world.settle();
        assertThat(wishes).containsExactly("not wanted");
    }

    @Test
    void a_wish_that_comes_inside_start_before_the_handler_is_handed_over_when_it_is_declared() {
        var token = new CancellationToken();
        world.onStart = control -> {
            token.cancel("enough");
            assertThat(world.phase()).isEqualTo(JobSnapshot.Phase.STOPPING);
            control.onStop(wishes::add);
        };
        var handle = world.dispatcher.dispatch(
                new Ship(1), JobOptions.builder().token(token).build());
        world.settle();
        assertThat(wishes).containsExactly("enough");
        assertThat(isOpen(handle)).isTrue();
    }

    @Test
    void a_wish_that_comes_inside_start_ends_the_job_when_start_has_declared_no_handler() {
        var token = new CancellationToken();
        world.onStart = control -> token.cancel("enough");
        var handle = world.dispatcher.dispatch(
                new Ship(1), JobOptions.builder().token(token).build());
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(world.probed).containsExactly("accepted " + handle.id() + " STOPPING");
    }

    @Test
    void a_job_whose_token_was_cancelled_before_is_told_as_cancelled_and_never_started() {
        var token = new CancellationToken();
        token.cancel("enough");
        var owner = world.orchestrator();
        var handle =
                owner.dispatch(new Ship(1), JobOptions.builder().token(token).build());
        world.settle();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(world.started).isEmpty();
        assertThat(DrivenWorld.names(owner.active())).containsExactly("JobCancelledEvent");
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(world.probed).containsExactly("accepted " + handle.id() + " ENDED");
    }

    @Test
    void a_token_passes_a_wish_and_forgets_the_job_with_its_ending() {
        takeWishes();
        var token = new CancellationToken();
        world.dispatcher.dispatch(new Ship(1), JobOptions.builder().token(token).build());
        token.cancel("enough");
        world.settle();
        assertThat(wishes).containsExactly("enough");
        world.control(1).cancelled("enough");
        assertThat(token.size()).isZero();
    }

    @Test
    void an_orchestrator_s_cancels_are_wishes() {
        takeWishes();
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        owner.dispatch(new Ship(2));
        assertThat(owner.cancel(handle.id(), "this")).isTrue();
        assertThat(owner.cancel(handle.id(), "again")).isFalse();
        assertThat(owner.cancelAll("all")).isOne();
        world.settle();
        assertThat(wishes).containsExactly("this", "all");
        assertThat(owner.hasActiveJobs()).isTrue();
    }

    @Test
    void an_orchestrator_that_is_closed_with_its_jobs_passes_a_wish_and_is_told_nothing() {
        takeWishes();
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        owner.close(CancelRunning.YES);
        world.settle();
        assertThat(wishes).hasSize(1);
        world.control(1).cancelled("stopped");
        world.settle();
        assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("stopped"));
        assertThat(owner.active()).isEmpty();
    }

    @Test
    void the_end_of_a_parent_is_a_wish() {
        takeWishes();
        var inside = new CompletableFuture<String>();
        world.dispatcher.registerAsync(Pack.class, (job, context) -> {
            context.dispatch(new Ship(1));
            return inside;
        });
        var owner = world.orchestrator();
        var parent = owner.dispatch(new Pack(1));
        world.settle();
        assertThat(world.control(1).isOwned()).isTrue();
        inside.completeExceptionally(new IllegalStateException("broken"));
        world.settle();
        assertThat(wishes).containsExactly("its parent job " + parent.id() + " did not succeed");
        assertThat(owner.hasActiveJobs()).isTrue();
        world.control(1).cancelled("stopped");
        world.settle();
        assertThat(owner.hasActiveJobs()).isFalse();
    }

    @Test
    void a_handler_that_throws_harms_nobody() throws Exception {
        try (var log = new CapturedLog()) {
            world.onStart = control -> control.onStop(reason -> {
                throw new IllegalStateException("broken");
            });
            var handle = world.ship(1);
            handle.cancel("not wanted");
            world.settle();
            assertThat(log.lines()).anyMatch(line -> line.text().contains("the onStop handler of job " + handle.id()));
            assertThat(isOpen(handle)).isTrue();
        }
    }

    /** Either the handler gets the wish or the job ends, and never both or neither. */
    @Test
    void a_wish_and_a_handler_that_come_at_once_meet() {
        int rounds = 2_000;
        var taken = new AtomicInteger();
        for (int i = 0; i < rounds; i++) world.ship(i);
        var handles = new ConcurrentLinkedQueue<JobHandle<?>>();
        var others = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < rounds; i++) others.add(world.ship(rounds + i));
        Together.run(
                rounds, round -> world.control(rounds + round).onStop(reason -> taken.incrementAndGet()), round -> {
                    if (others.get(round).cancel("not wanted")) handles.add(others.get(round));
                });
        world.settle();
        long ended = others.stream().filter(handle -> !isOpen(handle)).count();
        assertThat(handles).hasSize(rounds);
        assertThat(ended + taken.get()).isEqualTo(rounds);
    }
}
