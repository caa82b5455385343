package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.StillWorld.Load;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** P9, P10: a dispatch that a policy turns away is told as such, and nothing of it stays. */
class RejectionTest {
    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    private static JobRejectedException refusalOf(StillWorld world, JobOptions options) {
        return catchThrowableOfType(JobRejectedException.class, () -> world.dispatcher.dispatch(new Load(9), options));
    }

    private static void assertSays(JobRejectedException refused, Reason reason, Object key, String text) {
        assertThat(refused).isNotNull();
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused.key()).isEqualTo(key);
        assertThat(refused).hasMessage(text);
    }

    private static final String WAY_OUT =
            ". Dispatch it again later, or ask with tryDispatch where a refusal is no error";

    @Test
    void each_refusal_names_its_reason_and_key_and_says_what_to_do() {
        var world = new StillWorld();
        String job = "a job of type dev.orchestrator.StillWorld$Load with the key k was refused: ";
        world.load(1, options().queueIfRunning("k", 1).build());
        assertSays(
                refusalOf(world, options().dropIfRunning("k").build()),
                Reason.KEY_IN_USE,
                "k",
                job + "a job with that key is under way" + WAY_OUT);
        world.load(2, options().queueIfRunning("k", 1).build());
        assertSays(
                refusalOf(world, options().queueIfRunning("k", 1).build()),
                Reason.KEY_QUEUE_FULL,
                "k",
                job + "a job with that key is under way, and 1 more wait, which is as many as its options allow"
                        + WAY_OUT);
        world.load(3, options().throttle("k", Duration.ofSeconds(2)).build());
        assertSays(
                refusalOf(world, options().throttle("k", Duration.ofSeconds(2)).build()),
                Reason.THROTTLED,
                "k",
                job + "a job with that key was dispatched less than PT2S ago" + WAY_OUT);
    }

    @Test
    void each_refusal_by_a_limit_names_the_limit() {
        var world = new StillWorld(
                builder -> builder.limit(RunLimit.of(3)),
                options().limit(RunLimit.of(2).orQueue(1)).build());
        var ofKey = options().limitPerKey("k", RunLimit.of(1)).build();
        String job = "a job of type dev.orchestrator.StillWorld$Load was refused: ";
        world.load(1, ofKey);
        assertSays(
                refusalOf(world, ofKey),
                Reason.LIMIT_REACHED,
                "k",
                job + "the limit of 1 jobs of type Load with the key k is reached" + WAY_OUT);
        world.load(2);
        world.load(3);
        assertSays(
                refusalOf(world, options().build()),
                Reason.LIMIT_QUEUE_FULL,
                null,
                job + "the limit of 2 jobs of type Load is reached, and 1 more wait for it" + WAY_OUT);
        world.store(4, JobOptions.none());
        assertThatThrownBy(() -> world.store(5, JobOptions.none()))
                .isInstanceOf(JobRejectedException.class)
                .hasMessage("a job of type dev.orchestrator.StillWorld$Store was refused:"
                        + " the limit of 3 jobs of this dispatcher is reached" + WAY_OUT);
    }

    @Test
    void nothing_of_a_refused_dispatch_stays() {
        var world = new StillWorld(RunLimit.of(1));
        var owner = new RecordedOrchestrator(world.dispatcher, world.bus);
        owner.start();
        world.settle();
        var token = new CancellationToken();
        var refused = options()
                .id("mine")
                .token(token)
                .timeout(Duration.ofSeconds(1))
                .limitPerKey("k", RunLimit.of(1))
                .queueIfRunning("k", 1)
                .build();
        var running = world.store(1, JobOptions.none());
        int before = world.kept();
        int events = world.events.all().size();
        assertThatThrownBy(() -> owner.dispatch(new Load(2), refused)).isInstanceOf(JobRejectedException.class);
        world.settle();
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(owner.isRunning("mine")).isFalse();
        assertThat(token.size()).isZero();
        assertThat(world.kept()).isEqualTo(before);
        assertThat(world.events.all()).hasSize(events);
        world.letGo(1);
        assertThat(world.kept()).isZero();
        assertThat(StillWorld.isOpen(running)).isFalse();
        owner.dispatch(new Load(2), refused); // the id and the keys are free
        world.settle();
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    @Test
    void nothing_of_a_refused_child_stays() {
        var world = new StillWorld();
        world.load(1);
        var drop = options().dropIfRunning("k").build();
        world.load(2, drop);
        int before = world.kept();
        assertThatThrownBy(() -> world.context(1).dispatch(new Load(3), drop)).isInstanceOf(JobRejectedException.class);
        assertThat(world.kept()).isEqualTo(before);
        assertThat(world.bus.runs().all()).hasSize(2);
        world.letGo(1);
        world.letGo(2);
        assertThat(world.kept()).isZero();
    }

    @Test
    void a_key_that_throws_when_it_is_compared_leaves_nothing_behind() {
        record Broken() {
            @Override
            public int hashCode() {
                throw new IllegalStateException("broken key");
            }
        }
        var world = new StillWorld(RunLimit.of(1));
        assertThatThrownBy(() ->
                        world.load(1, options().dropIfRunning(new Broken()).build()))
                .hasMessage("broken key");
        assertThatThrownBy(() -> world.load(
                        1, options().limitPerKey(new Broken(), RunLimit.of(1)).build()))
                .hasMessage("broken key");
        assertThatThrownBy(() -> world.load(
                        1,
                        options().debounce(new Broken(), Duration.ofSeconds(1)).build()))
                .hasMessage("broken key");
        assertThat(world.kept()).isZero();
        world.load(2);
        assertThat(world.begun).containsExactly(2);
    }
}
