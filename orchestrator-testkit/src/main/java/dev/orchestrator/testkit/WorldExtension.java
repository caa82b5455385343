package dev.orchestrator.testkit;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/** One world for each test, made when it is first asked for. */
final class WorldExtension implements ParameterResolver, AfterEachCallback {
    static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(WorldExtension.class);
    static final String SEED = "seed"; // a Seed; none where a test runs once

    private static final String WORLD = "world";
    private static final Map<Class<?>, Function<TestWorld, Object>> PARTS = Map.of(
            TestWorld.class, world -> world,
            Dispatcher.class, TestWorld::dispatcher,
            SignalBus.class, TestWorld::bus,
            VirtualTime.class, TestWorld::time,
            Timeline.class, TestWorld::timeline);

    WorldExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return PARTS.containsKey(parameter.getParameter().getType())
                && context.getTestMethod().isPresent();
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        var store = context.getStore(NAMESPACE);
        TestWorld world = store.get(WORLD, TestWorld.class);
        if (world == null) {
            Seed seed = store.get(SEED, Seed.class);
            world = TestWorld.seeded(seed == null ? 0 : seed.value());
            store.put(WORLD, world);
        }
        return Objects.requireNonNull(PARTS.get(parameter.getParameter().getType()))
                .apply(world);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        var store = context.getStore(NAMESPACE);
        TestWorld world = store.remove(WORLD, TestWorld.class);
        Throwable ofTheTest = context.getExecutionException().orElse(null);
        Throwable afterwards = world == null ? null : end(world, mayLeaveBehind(context));
        Seed seed = store.get(SEED, Seed.class);
        Throwable failure = ofTheTest != null ? ofTheTest : afterwards;
        if (seed != null && failure != null && !isAborted(failure)) seed.noteFailure(context, failure);
        if (afterwards == null) return;
        if (ofTheTest == null) throw asUnchecked(afterwards);
        ofTheTest.addSuppressed(afterwards); // it may well be a consequence
    }

    /** What a test assumes does not hold: that is no failure, and another seed may go on. */
    private static boolean isAborted(Throwable thrown) {
        return thrown instanceof TestAbortedException;
    }

    /** Ends the world; gives what was wrong with its end, null if nothing. */
    private static @Nullable Throwable end(TestWorld world, boolean mayLeaveBehind) {
        Throwable wrong = null;
        try {
            world.closeOwned();
            if (!mayLeaveBehind) check(world.leftBehind(), world);
        } catch (Throwable thrown) {
            wrong = thrown;
        }
        try {
            world.close();
        } catch (Throwable thrown) {
            if (wrong == null) wrong = thrown;
        }
        return wrong;
    }

    private static RuntimeException asUnchecked(Throwable thrown) {
        if (thrown instanceof Error error) throw error;
        return thrown instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(thrown);
    }

    private static void check(List<String> left, TestWorld world) {
        if (left.isEmpty()) return;
        throw new AssertionError("the test left behind:\n  - " + String.join("\n  - ", left)
                + "\nEnd, cancel or close it in the test, or give it to world.own(...). The timeline:\n"
                + world.timeline());
    }

    /** That of the class, or of the nearest around it. */
    private static Optional<OrchestratorTest> ofClass(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(
                context.getRequiredTestClass(), OrchestratorTest.class, context.getEnclosingTestClasses());
    }

    private static boolean mayLeaveBehind(ExtensionContext context) {
        Optional<OrchestratorTest> onMethod =
                AnnotationSupport.findAnnotation(context.getTestMethod(), OrchestratorTest.class);
        return onMethod.or(() -> ofClass(context))
                .map(OrchestratorTest::mayLeaveBehind)
                .orElse(false);
    }
}
