package dev.orchestrator.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test once for each of many seeds, each time in a fresh {@link TestWorld}, and stops at the first that fails.
 *
 * <p>Parameters and the look for what is left behind are those of {@link OrchestratorTest}. The failure says the seed and how to
 * run the test with it alone; it then does the same again, step by step.
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="interleavings"}
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@SuppressWarnings("exports") // the extensions are for JUnit, to which the package is open
@ExtendWith({InterleavingsExtension.class, WorldExtension.class})
public @interface Interleavings {
    /** How many seeds there are: from 1 to that. */
    int value() default 100;

    /** The one seed to run with, to look at a failure; 0 for all. The system property {@value #SEED} stands over it. */
    long seed() default 0;

    /** The name of the system property for the one seed to run with. */
    String SEED = "orchestrator.seed";
}
