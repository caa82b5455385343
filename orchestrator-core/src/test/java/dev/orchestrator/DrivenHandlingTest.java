package dev.orchestrator;

import static dev.orchestrator.DrivenWorld.names;
import static dev.orchestrator.StillWorld.isOpen;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.DrivenWorld.Ship;
import dev.orchestrator.spi.JobControl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P5, P10: a driver learns whether the owner has handled the ending, and can let a job go without one. */
class DrivenHandlingTest {
    private final DrivenWorld world = new DrivenWorld();

    private static boolean isHandled(JobControl<?> control) {
        return control.handled().toCompletableFuture().isDone();
    }

    // ---- handled ----

    @Test
    void an_ending_is_handled_when_the_owner_s_handlers_have_returned() {
        var owner = world.orchestrator();
        var seen = new ArrayList<Boolean>();
        owner.onActive = event -> seen.add(isHandled(world.control(1)));
        owner.dispatch(new Ship(1));
        var control = world.control(1);
        control.started();
        control.succeed("done");
        assertThat(isHandled(control)).isFalse();
        world.settle();
        assertThat(seen).containsExactly(false, false);
        assertThat(isHandled(control)).isTrue();
        assertThat(control.isOwned()).isTrue();
    }

    @Test
    void an_ending_is_handled_when_a_handler_has_thrown() throws Exception {
        try (var log = new CapturedLog()) {
            var owner = world.orchestrator();
            owner.onActive = event -> {
                throw new AssertionError("broken");
            };
            owner.dispatch(new Ship(1));
            world.control(1).succeed("done");
            world.settle();
            assertThat(log.lines()).isNotEmpty();
        }
        assertThat(isHandled(world.control(1))).isTrue();
        assertThat(world.control(1).isOwned()).isTrue();
    }

    @Test
    void an_owner_that_is_closed_before_it_handles_the_ending_does_not_own_it() {
        var owner = world.orchestrator();
        owner.dispatch(new Ship(1));
        var control = world.control(1);
        control.succeed("done");
        assertThat(control.isOwned()).isTrue();
        owner.close();
        assertThat(isHandled(control)).isTrue();
        assertThat(control.isOwned()).isFalse();
        world.settle();
        assertThat(owner.active()).isEmpty();
    }

    @Test
    void an_owner_that_is_closed_before_the_ending_is_said_to_handle_none() {
        var owner = world.orchestrator();
        var handle = owner.dispatch(new Ship(1));
        owner.close();
        assertThat(isHandled(world.control(1))).isTrue();
        assertThat(world.control(1).isOwned()).isFalse();
        assertThat(world.control(1).ownerName()).isEmpty();
        world.control(1).succeed("done");
        assertThat(isOpen(handle)).isFalse();
    }

    @Test
    void an_owner_that_closes_itself_in_the_handler_has_handled_the_ending() {
        var owner = world.orchestrator();
        owner.onActive = event -> owner.close();
        owner.dispatch(new Ship(1));
        world.control(1).succeed("done");
        world.settle();
        assertThat(isHandled(world.control(1))).isTrue();
        assertThat(world.control(1).isOwned()).isTrue();
    }

    @Test
    void without_an_owner_an_ending_is_handled_when_it_is_told() {
        world.ship(1);
        var control = world.control(1);
        control.started();
        assertThat(isHandled(control)).isFalse();
        assertThat(control.isOwned()).isFalse();
        control.succeed("done");
        assertThat(isHandled(control)).isTrue();
    }

    /** Whoever closes says that nobody handles the ending, or the handler runs; never both, and never neither. */
    @Test
    void an_owner_that_is_closed_while_the_ending_comes_handles_it_or_says_that_it_does_not() {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        int rounds = 1_000;
        var control = new AtomicReference<JobControl<String>>();
        dispatcher.drive(Ship.class, (job, given) -> control.set(given), JobOptions.none());
        var wrong = new AtomicInteger();
        for (int round = 0; round < rounds; round++) {
            var handled = new AtomicInteger();
            var owner = new RecordedOrchestrator(dispatcher, bus);
            owner.onActive = event -> handled.incrementAndGet();
            owner.dispatch(new Ship(round));
            JobControl<String> now = control.get();
            Together.run(1, part -> now.succeed("done"), part -> owner.close());
            now.handled().toCompletableFuture().join();
            if (handled.get() != (now.isOwned() ? 1 : 0)) wrong.incrementAndGet();
        }
        assertThat(wrong).hasValue(0);
    }

    // ---- letting go ----

    @Test
    void a_job_that_is_let_go_is_forgotten_without_an_ending() {
        var owner = world.orchestrator();
        var token = new CancellationToken();
        var handle =
                owner.dispatch(new Ship(1), JobOptions.builder().token(token).build());
        var asked = handle.result().toCompletableFuture();
        var idle = owner.idle().toCompletableFuture();
        var control = world.control(1);
        control.started();
        control.letGo("it goes on in the database");
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(token.size()).isZero();
        assertThat(world.bus.runs().kept()).isZero();
        assertThat(isHandled(control)).isTrue();
        assertThat(control.isOwned()).isFalse();
        assertThatThrownBy(asked::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("it goes on in the database");
        assertThat(handle.result().toCompletableFuture()).isCompletedExceptionally();
        assertThatThrownBy(() -> handle.await(Duration.ZERO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("it goes on in the database");
        assertThat(handle.cancel("late")).isFalse();
        assertThat(control.succeed("late")).isFalse();
        world.settle();
        assertThat(idle).isDone();
        assertThat(names(owner.active())).containsExactly("JobStartedEvent"); // what was told before is handled
        assertThat(world.events.of(TerminalEvent.class)).isEmpty();
    }

    @Test
    void whoever_waits_for_a_job_that_is_let_go_gets_that_error() {
        world.onStart = control -> control.letGo("it goes on in the database");
        assertThatThrownBy(() -> world.dispatcher.run(new Ship(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("it goes on in the database");
        assertThatIllegalArgumentException().isThrownBy(() -> world.control(1).letGo(" "));
    }

    @Test
    void a_job_that_was_let_go_can_be_adopted_again() {
        var owner = world.orchestrator();
        owner.dispatch(new Ship(1), DrivenWorld.id("ship-1"));
        world.control(1).letGo("the driver is closed");
        owner.adopt(new Ship(1), "ship-1", JobOptions.none());
        world.control(1).succeed("done");
        world.settle();
        assertThat(names(owner.active())).containsExactly("JobSuccessEvent");
    }

    /** Asks for a job again and again, and shows a change before it is true. */
    private static final class Screen extends BaseOrchestrator<Optimistic<Integer>> {
        final Refetch refetch = refetch(() -> new Ship(1));
        final Patches<Integer> patches = patches(state -> state, (state, changed) -> changed);

        Screen(DrivenWorld world) {
            super(Optimistic.of(0), world.dispatcher, world.bus, world.lane);
        }
    }

    @Test
    void what_follows_a_job_that_is_let_go_goes_on_and_a_patch_stays() {
        var owner = new Screen(world);
        owner.start();
        owner.refetch.now();
        world.settle();
        world.control(1).letGo("the driver is closed");
        world.settle();
        owner.refetch.now();
        world.settle();
        assertThat(world.started).containsExactly(1, 1);
        owner.patches.apply(count -> count + 1, new Ship(2));
        world.control(2).letGo("the driver is closed");
        world.settle();
        assertThat(owner.state().value()).isOne();
        assertThat(owner.countFollowed()).isOne(); // the refetch that is under way
    }
}
