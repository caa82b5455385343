package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** P7: cancelling a job reaches every child that still runs, and does not wait until the parent has left. */
class FamilyTest {
    private final SignalBus bus = SignalBus.builder().time(new VirtualTime()).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final CompletableFuture<List<JobHandle<String>>> children = new CompletableFuture<>();

    FamilyTest() {
        dispatcher.register(Part.class, (job, context) -> new Gate().pass("never"));
    }

    @Test
    void the_first_and_every_further_child_are_cancelled_with_their_parent() {
        dispatcher.register(Work.class, (job, context) -> {
            children.complete(List.of(
                    context.dispatch(new Part(1)), context.dispatch(new Part(2)), context.dispatch(new Part(3))));
            return new Gate().pass("never");
        });
        var parent = dispatcher.dispatch(new Work(1));
        var three = valueOf(children);
        assertThat(parent.cancel("enough")).isTrue();
        for (var child : three) assertThat(endingOf(child)).isInstanceOf(JobResult.Cancelled.class);
    }

    @Test
    void children_are_cancelled_while_their_parent_uses_its_grace() {
        var door = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            children.complete(List.of(context.dispatch(new Part(1)), context.dispatch(new Part(2))));
            return door.passUninterruptibly("left");
        });
        var parent = dispatcher.dispatch(
                new Work(1), JobOptions.builder().grace(Duration.ofMinutes(1)).build());
        var two = valueOf(children);
        door.awaitArrival();
        parent.cancel("enough");
        for (var child : two) assertThat(endingOf(child)).isInstanceOf(JobResult.Cancelled.class);
        assertThat(parent.result()).isNotDone(); // the clock stands still, so its grace lasts
        door.open();
        assertThat(endingOf(parent)).isEqualTo(new JobResult.Cancelled<>("enough"));
    }
}
