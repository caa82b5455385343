package dev.orchestrator.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives each test of a class, or one test, a {@link TestWorld} of its own, and fails a test that leaves something behind.
 *
 * <p>A test, and methods before and after each, may have parameters of the types {@link TestWorld},
 * {@link dev.orchestrator.Dispatcher}, {@link dev.orchestrator.SignalBus}, {@link VirtualTime} and {@link Timeline}: those of
 * one world. When the test is over, the world closes what it {@linkplain TestWorld#own has in its care}; then the test fails
 * if there are jobs in flight, tasks that have not ended, timers, subscriptions or orchestrators that are not closed, and its
 * failure names each.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@SuppressWarnings("exports") // the extensions are for JUnit, to which the package is open
@ExtendWith(WorldExtension.class)
public @interface OrchestratorTest {
    /** Whether a test may leave something behind; the annotation of a method stands over that of its class. */
    boolean mayLeaveBehind() default false;
}
