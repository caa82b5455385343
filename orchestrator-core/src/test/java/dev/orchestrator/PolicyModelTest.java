package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.PolicyModel.Asked;
import dev.orchestrator.PolicyModel.Limit;
import dev.orchestrator.PolicyModel.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** P1, P7, P9, P10, P11: whatever is done with keys and limits, the engine and a simple model of it agree at each step. */
class PolicyModelTest {
    private static final int RUNS = 500;
    private static final int STEPS = 120;

    private static void runAll(long first) {
        try (var log = new RecordedLog()) { // full of warnings of code that stays
            for (long seed = first; seed < first + RUNS; seed++) run(seed);
            assertThat(log.texts("SEVERE")).isEmpty();
        }
    }

    private static void run(long seed) {
        var run = new Run(seed);
        try {
            for (int step = 0; step < STEPS; step++) run.step(step);
            run.end();
        } catch (AssertionError | RuntimeException broken) {
            throw new AssertionError("seed " + seed + ":\n" + String.join("\n", run.script), broken);
        }
    }

    @Test
    void the_engine_does_what_the_model_does() {
        long first = System.nanoTime(); // a failure names its seed
        runAll(first);
    }

    @Test
    void the_engine_does_what_the_model_does_with_the_same_seeds_each_time() {
        runAll(1);
    }

    /** One script. */
    private static final class Run {
        private final Random random;
        private final StillWorld world;
        private final PolicyModel model;
        private final List<String> script = new ArrayList<>();
        private final TreeMap<Integer, JobHandle<String>> handles = new TreeMap<>();

        Run(long seed) {
            random = new Random(seed);
            Limit all = limit("all", 4);
            Limit loads = limit("loads", 3);
            model = new PolicyModel(all, loads);
            world = new StillWorld(
                    builder -> builder.limit(limitOf(all)),
                    JobOptions.builder().limit(limitOf(loads)).build());
        }

        private Limit limit(String name, int most) {
            return new Limit(name, 1 + random.nextInt(most), random.nextInt(4));
        }

        private static RunLimit limitOf(Limit limit) {
            RunLimit running = RunLimit.of(limit.running());
            return limit.waiting() == 0 ? running : running.orQueue(limit.waiting());
        }

        private void step(int number) {
            int what = random.nextInt(10);
            if (what < 5) dispatch(number);
            else if (what < 7) letGo(oneOf(model.inside()));
            else if (what < 9) cancel(oneOf(model.open()));
            else pass();
            compare();
        }

        private Integer oneOf(Set<Integer> some) {
            return some.isEmpty() ? null : List.copyOf(some).get(random.nextInt(some.size()));
        }

        private void dispatch(int number) {
            Rule rule = Rule.values()[random.nextInt(Rule.values().length)];
            String key = "k" + random.nextInt(2);
            String type = random.nextBoolean() ? "Load" : "Store";
            Limit ofKey = random.nextInt(3) > 0 ? null : limit(type + " l" + random.nextInt(2), 2);
            boolean deaf = random.nextInt(3) == 0;
            var asked = new Asked(number, type, rule, key, deaf, ofKey);
            script.add("dispatch " + asked);
            if (deaf) world.deaf.add(number);
            Reason expected = model.dispatch(asked);
            Reason refused = null;
            try {
                JobOptions options = optionsOf(asked);
                handles.put(number, type.equals("Load") ? world.load(number, options) : world.store(number, options));
            } catch (JobRejectedException rejected) {
                refused = rejected.reason();
            }
            world.settle();
            assertThat(refused).isEqualTo(expected);
        }

        private static JobOptions optionsOf(Asked asked) {
            var options = JobOptions.builder();
            if (asked.ofKey() != null) options.limitPerKey(asked.ofKey().name(), limitOf(asked.ofKey()));
            switch (asked.rule()) {
                case NONE -> {}
                case JOIN -> options.joinRunning(asked.key());
                case DROP -> options.dropIfRunning(asked.key());
                case REPLACE -> options.replaceRunning(asked.key());
                case QUEUE -> options.queueIfRunning(asked.key(), PolicyModel.QUEUE);
                case DEBOUNCE -> options.debounce(asked.key(), Duration.ofSeconds(PolicyModel.SILENCE));
                case THROTTLE -> options.throttle(asked.key(), Duration.ofSeconds(PolicyModel.WINDOW));
            }
            return options.build();
        }

        private void letGo(Integer number) {
            if (number == null) return;
            script.add("let go " + number);
            model.letGo(number);
            world.letGo(number);
        }

        private void cancel(Integer number) {
            if (number == null) return;
            script.add("cancel " + number);
            model.cancel(number);
            JobHandle<String> handle = handles.get(number);
            if (handle != null) world.cancel(handle);
        }

        private void pass() {
            script.add("a second passes");
            model.tick();
            world.pass(Duration.ofSeconds(1));
        }

        private void compare() {
            assertThat(world.inside()).as("inside; the model:\n%s", model).isEqualTo(model.inside());
            var endings = new TreeMap<Integer, String>();
            handles.forEach((number, handle) -> {
                if (!StillWorld.isOpen(handle)) endings.put(number, nameOf(StillWorld.ending(handle)));
            });
            assertThat(endings).as("endings; the model:\n%s", model).isEqualTo(model.endings);
        }

        private static String nameOf(JobResult<String> result) {
            return switch (result) {
                case JobResult.Success<String>(String value) -> value;
                case JobResult.Cancelled<String> cancelled -> "cancelled";
                case JobResult.Failure<String> failure -> "failed";
                case JobResult.TimedOut<String> timedOut -> "timed out";
            };
        }

        private void end() {
            for (int i = 0; i < PolicyModel.WINDOW; i++) pass();
            for (Integer next; (next = oneOf(model.inside())) != null; ) letGo(next);
            compare();
            Collection<JobHandle<String>> all = handles.values();
            assertThat(all).noneMatch(StillWorld::isOpen);
            for (JobHandle<String> handle : all)
                assertThat(world.events.terminalOf(handle.id()))
                        .as("endings of one job")
                        .hasSize(1);
            assertThat(world.kept()).isZero();
        }
    }
}
