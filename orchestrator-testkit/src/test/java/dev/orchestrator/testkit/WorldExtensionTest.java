package dev.orchestrator.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** A test gets a world of its own, and fails when it leaves something behind; a failing seed is named and replays. */
class WorldExtensionTest {
    record Load(int number) implements Job<Integer> {}

    record Said(String text) implements Event {}

    /** Run by the tests below only: their class names do not look like those of tests. */
    @OrchestratorTest
    static class Leaving {
        @Test
        void nothing(TestWorld world, Dispatcher dispatcher, SignalBus bus, VirtualTime time, Timeline timeline) {
            dispatcher.register(Load.class, (job, context) -> job.number());
            dispatcher.dispatch(new Load(1));
            world.runUntilIdle();
            assertThat(world.bus()).isSameAs(bus);
            assertThat(world.time()).isSameAs(time);
            assertThat(timeline.dispatched()).hasSize(1);
        }

        @Test
        void a_job(Dispatcher dispatcher) {
            dispatcher.registerAsync(Load.class, ScriptedExecutor.of(Load.class).hangs());
            dispatcher.dispatch(new Load(42));
        }

        @Test
        void a_subscription(SignalBus bus) {
            bus.subscribe(Said.class, said -> {});
        }

        @Test
        void a_timer(VirtualTime time) {
            time.schedule(java.time.Duration.ofMinutes(7), () -> {});
        }

        @Test
        void a_failure_too(Dispatcher dispatcher) {
            dispatcher.registerAsync(Load.class, ScriptedExecutor.of(Load.class).hangs());
            dispatcher.dispatch(new Load(42));
            throw new IllegalStateException("of the test");
        }

        @Test
        @OrchestratorTest(mayLeaveBehind = true)
        void what_it_may(Dispatcher dispatcher) {
            dispatcher.registerAsync(Load.class, ScriptedExecutor.of(Load.class).hangs());
            dispatcher.dispatch(new Load(42));
        }
    }

    @OrchestratorTest(mayLeaveBehind = true)
    static class Outer {
        @Nested
        class Inner {
            @Test
            void a_job(Dispatcher dispatcher) {
                dispatcher.registerAsync(
                        Load.class, ScriptedExecutor.of(Load.class).hangs());
                dispatcher.dispatch(new Load(42));
            }
        }
    }

    static class Assuming {
        @Interleavings(5)
        void odd_seeds_only(TestWorld world) {
            assumeTrue(world.seed() % 2 == 1);
        }
    }

    @OrchestratorTest
    static class Around {
        private SignalBus before;

        @BeforeEach
        void before(SignalBus bus) {
            before = bus;
        }

        @AfterEach
        void after(SignalBus bus) {
            assertThat(bus).isSameAs(before);
        }

        @Test
        void it_is_the_same_world(SignalBus bus) {
            assertThat(bus).isSameAs(before);
        }
    }

    /** Acts on what it saw a moment ago: right as long as nothing comes between. */
    static final class Wrong extends BaseOrchestrator<Integer> {
        Wrong(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        void add(TestWorld world) {
            int seen = state();
            world.interleave();
            emit(seen + 1);
        }
    }

    static class Racing {
        static final List<String> TIMELINES = new ArrayList<>(); // one test at a time uses it

        @Interleavings(1000)
        void both_are_counted(TestWorld world) {
            race(world);
        }

        @Interleavings(1000)
        void in_order_of_arrival_all_is_well(TestWorld world) {
            assertThat(world.seed()).isPositive();
        }

        static void race(TestWorld world) {
            var wrong = world.own(new Wrong(world.dispatcher(), world.bus()));
            world.dispatcher().register(Load.class, (job, context) -> {
                wrong.add(world);
                return 0;
            });
            world.dispatcher().dispatch(new Load(1));
            world.dispatcher().dispatch(new Load(2));
            world.runUntilIdle();
            TIMELINES.add(world.timeline().toString());
            OrchestratorAssertions.assertThat(world).states(wrong).containsExactly(1, 2);
        }

        @Interleavings(0)
        void none(TestWorld world) {
            world.runUntilIdle();
        }
    }

    private static EngineExecutionResults run(Class<?> type, String method) {
        String parameters = switch (method) {
            case "a_job", "a_failure_too", "what_it_may" -> Dispatcher.class.getName();
            case "a_subscription", "it_is_the_same_world" -> SignalBus.class.getName();
            case "a_timer" -> VirtualTime.class.getName();
            case "nothing" ->
                String.join(
                        ", ",
                        TestWorld.class.getName(),
                        Dispatcher.class.getName(),
                        SignalBus.class.getName(),
                        VirtualTime.class.getName(),
                        Timeline.class.getName());
            default -> TestWorld.class.getName();
        };
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(type, method, parameters))
                .execute();
    }

    private static Throwable failureOf(Class<?> type, String method) {
        var failures = run(type, method).testEvents().failed().list();
        assertThat(failures).hasSize(1);
        return failures.getFirst()
                .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                .getThrowable()
                .orElseThrow();
    }

    @Test
    void a_test_that_leaves_nothing_behind_passes() {
        run(Leaving.class, "nothing")
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
        run(Leaving.class, "what_it_may")
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
        run(Around.class, "it_is_the_same_world")
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
    }

    @Test
    void what_an_outer_class_allows_holds_for_the_classes_in_it() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Outer.class))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1).failed(0));
    }

    @Test
    void a_seed_whose_assumption_does_not_hold_is_no_failure() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Assuming.class))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(3).aborted(2).failed(0));
    }

    @Test
    void what_a_test_leaves_behind_is_named() {
        assertThat(failureOf(Leaving.class, "a_job"))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("left behind")
                .hasMessageContaining("Load[number=42]")
                .hasMessageContaining("world.own");
        assertThat(failureOf(Leaving.class, "a_subscription")).hasMessageContaining("the subscriber ");
        assertThat(failureOf(Leaving.class, "a_timer")).hasMessageContaining("a timer that is due in PT7M");
    }

    @Test
    void the_failure_of_the_test_itself_comes_first() {
        Throwable failure = failureOf(Leaving.class, "a_failure_too");
        assertThat(failure).isInstanceOf(IllegalStateException.class).hasMessage("of the test");
        assertThat(failure.getSuppressed()).singleElement().asString().contains("Load[number=42]");
    }

    @Test
    void each_seed_gets_a_world_of_its_own() {
        run(Racing.class, "in_order_of_arrival_all_is_well")
                .testEvents()
                .assertStatistics(stats -> stats.succeeded(1000).failed(0));
    }

    @Test
    void a_race_is_found_named_and_replayed() {
        Racing.TIMELINES.clear();
        Throwable failure = failureOf(Racing.class, "both_are_counted");
        String note = failure.getSuppressed()[0].getMessage();
        assertThat(note).contains("@Interleavings(seed = ").contains("-D" + Interleavings.SEED);
        long seed = Long.parseLong(note.replaceAll("(?s).*seed = (\\d+).*", "$1"));
        assertThat(Racing.TIMELINES).hasSize((int) seed); // nothing after the first that fails
        String before = Racing.TIMELINES.getLast();
        try (var world = TestWorld.seeded(seed)) {
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> Racing.race(world)))
                    .isInstanceOf(AssertionError.class);
        }
        assertThat(Racing.TIMELINES.getLast()).isEqualTo(before);
    }

    @Test
    void bad_numbers_of_seeds_are_refused() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Racing.class, "none", TestWorld.class.getName()))
                .execute()
                .allEvents()
                .assertThatEvents()
                .haveAtLeastOne(finishedWithFailure());
    }

    @Test
    void tests_at_the_same_time_disturb_each_other_in_nothing() {
        EngineTestKit.engine("junit-jupiter")
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "true")
                .configurationParameter("junit.jupiter.execution.parallel.mode.default", "concurrent")
                .selectors(selectClass(SnippetsTest.class))
                .execute()
                .testEvents()
                .assertStatistics(stats -> stats.failed(0));
    }
}
