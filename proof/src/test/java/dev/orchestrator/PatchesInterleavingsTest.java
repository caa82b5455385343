package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.Interleavings;
import dev.orchestrator.testkit.TestWorld;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Patches and refetches in many orders: what the confirmed ones give remains, and nothing that happened is missed. */
class PatchesInterleavingsTest {
    private record Add(String text, boolean fails) implements Job<String> {}

    private static final class Editor extends BaseOrchestrator<Optimistic<String>> {
        private final Patches<String> text = patches(state -> state, (state, next) -> next);
        final List<String> pendingAtItsEnding = new ArrayList<>();

        Editor(TestWorld world) {
            super(Optimistic.of(""), world.dispatcher(), world.bus());
            on(Add.class).ended((job, result) -> {
                if (state().isPending(job.text())) pendingAtItsEnding.add(job.text());
            });
        }

        JobHandle<String> add(String text, boolean fails) {
            var named = JobOptions.builder().id(text).build();
            return this.text.apply(before -> before + text, new Add(text, fails), named);
        }
    }

    @Interleavings(500)
    void what_the_confirmed_ones_give_remains_and_no_handler_sees_a_settled_one_as_pending(TestWorld world) {
        world.dispatcher().register(Add.class, (job, context) -> {
            world.interleave();
            if (job.fails()) throw new IOException("on purpose");
            return job.text();
        });
        var editor = world.own(new Editor(world));
        var handles = new ArrayList<JobHandle<String>>();
        for (String text : List.of("a", "b", "c", "d")) handles.add(editor.add(text, text.equals("b")));
        handles.get(2).cancel("not wanted"); // or too late
        world.runUntilIdle();
        var confirmed = new StringBuilder();
        for (JobHandle<String> handle : handles) {
            var result = handle.result().toCompletableFuture().join();
            if (result instanceof JobResult.Success<String>(String text)) confirmed.append(text);
        }
        assertThat(editor.state()).isEqualTo(Optimistic.of(confirmed.toString()));
        assertThat(editor.pendingAtItsEnding).isEmpty();
    }

    @Interleavings(500)
    void an_id_that_comes_again_settles_its_own_patch(TestWorld world) {
        world.dispatcher().register(Add.class, (job, context) -> {
            world.interleave();
            if (job.fails()) throw new IOException("on purpose");
            return job.text();
        });
        var editor = world.own(new Editor(world));
        var first = editor.add("a", true);
        first.result().toCompletableFuture().whenComplete((result, error) -> editor.add("a", false));
        world.runUntilIdle();
        assertThat(editor.state()).isEqualTo(Optimistic.of("a"));
    }

    private record Count() implements Job<Integer> {}

    private record Changed() implements Event {}

    private static final class Reader extends BaseOrchestrator<Integer> {
        Reader(TestWorld world) {
            super(0, world.dispatcher(), world.bus());
            refetch(Count::new).on(Changed.class);
            on(Count.class).success((job, count) -> emit(count));
        }
    }

    @Interleavings(500)
    void the_last_fetch_sees_what_the_last_event_told_of(TestWorld world) {
        var source = new ArrayList<Integer>(); // one thing happens at a time
        world.dispatcher().register(Count.class, (job, context) -> {
            int seen = source.size();
            world.interleave();
            return seen;
        });
        var reader = world.own(new Reader(world));
        reader.start();
        for (int i = 0; i < 5; i++) {
            source.add(i);
            world.bus().emit(new Changed());
            world.interleave();
        }
        world.runUntilIdle();
        assertThat(reader.state()).isEqualTo(5);
    }
}
