package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.RecordedEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random sagas: whatever fails, each step that was done is either kept or undone, and undone once. */
class SagaModelTest {
    private static final int SAGAS = 60;

    private record Do(String what) implements Job<String> {}

    private record Undo(String what) implements Job<Void> {}

    static LongStream seeds() {
        return LongStream.rangeClosed(1, 10);
    }

    /** One random saga, whose jobs fail as the seed wills. */
    private static final class Program {
        private final Random random;
        private final long seed;
        private final boolean hasLosers;
        private int steps;

        Program(long seed) {
            this.seed = seed;
            random = new Random(seed);
            hasLosers = random.nextBoolean();
        }

        boolean fails(String what, int oneOf) {
            return new Random(what.hashCode() * 31L + seed).nextInt(oneOf) == 0;
        }

        SagaFlow<String, String> flow(int depth) {
            int kind = depth == 0 ? 0 : random.nextInt(hasLosers ? 6 : 4);
            return switch (kind) {
                case 0 -> step();
                case 1 -> flow(depth - 1).then(flow(depth - 1));
                case 2 -> SagaFlow.<String, String>all(branches(depth)).map(all -> String.join("+", all));
                case 3 ->
                    SagaFlow.<String>input()
                            .map(input -> IntStream.range(0, 3)
                                    .mapToObj(i -> input + "." + i)
                                    .toList())
                            .then(SagaFlow.forEach(2, flow(depth - 1)))
                            .map(all -> String.join("+", all));
                case 4 -> SagaFlow.<String, String>any(branches(depth));
                default -> SagaFlow.<String, String>first(2, branches(depth)).map(List::getFirst);
            };
        }

        private List<SagaFlow<String, String>> branches(int depth) {
            var branches = new ArrayList<SagaFlow<String, String>>();
            for (int i = 0; i < 3; i++) branches.add(flow(depth - 1));
            return branches;
        }

        private SagaFlow<String, String> step() {
            String name = "s" + steps++;
            return SagaStep.<String, String>of(name, input -> new Do(name + " " + input))
                    .undo((input, result) -> new Undo(result))
                    .map(result -> result.substring(result.indexOf(' ') + 1));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void each_step_that_was_done_is_kept_or_undone_once(long seed) {
        for (int i = 0; i < SAGAS; i++) check(seed * 1_000 + i);
    }

    private static void check(long seed) {
        var program = new Program(seed);
        var flow = program.flow(3);
        var events = new RecordedEvents();
        var undoJobs = new ConcurrentLinkedQueue<String>();
        SagaReport<String> report;
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            bus.subscribe(SagaEvent.class, events);
            dispatcher.register(Do.class, (job, context) -> {
                if (program.fails(job.what(), 12)) throw new IllegalStateException(job.what());
                return job.what();
            });
            dispatcher.register(Undo.class, (job, context) -> {
                undoJobs.add(job.what());
                if (program.fails("undo " + job.what(), 20)) throw new IllegalStateException("undo " + job.what());
                return null;
            });
            report = Saga.define("random", flow).run("x", dispatcher);
        }
        String what = "seed " + seed + ": " + report;
        var done = events.of(SagaEvent.StepDone.class).stream()
                .map(SagaEvent.StepDone::step)
                .toList();
        var undone = events.of(SagaEvent.StepUndone.class).stream()
                .map(SagaEvent.StepUndone::step)
                .toList();
        var left = events.of(SagaEvent.UndoFailed.class).stream()
                .map(SagaEvent.UndoFailed::step)
                .toList();
        assertThat(done).as(what).doesNotHaveDuplicates();
        assertThat(undone).as(what).doesNotHaveDuplicates().isSubsetOf(done);
        assertThat(left).as(what).doesNotHaveDuplicates().isSubsetOf(done).noneMatch(undone::contains);
        assertThat(undoJobs).as(what).doesNotHaveDuplicates().hasSize(undone.size() + left.size());
        switch (report) {
            case SagaReport.Completed<String> completed -> {
                assertThat(left).as(what).isEmpty();
                if (!program.hasLosers) assertThat(undone).as(what).isEmpty();
            }
            case SagaReport.Compensated<String> compensated -> {
                assertThat(compensated.undone())
                        .as(what)
                        .containsExactlyInAnyOrderElementsOf(undone)
                        .hasSameSizeAs(done);
                assertThat(left).as(what).isEmpty();
            }
            case SagaReport.CompensationFailed<String> failed -> {
                assertThat(failed.undone()).as(what).containsExactlyInAnyOrderElementsOf(undone);
                assertThat(failed.left())
                        .as(what)
                        .extracting(SagaReport.NotUndone::step)
                        .containsExactlyInAnyOrderElementsOf(left);
                assertThat(undone.size() + left.size()).as(what).isEqualTo(done.size());
            }
        }
    }
}
