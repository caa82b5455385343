package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;

/**
 * P1, P2, P3, P6, P7, P12 where threads meet, with jcstress: every stress test passes, and each twin that is broken on purpose
 * fails.
 *
 * <p>The quick mode of jcstress with one set of flags for the compiler; {@code -Dproof=long} runs all that jcstress tries.
 */
class StressTest {
    private static final boolean IS_LONG = "long".equals(System.getProperty("proof"));
    private static final Path FOLDER = Path.of("target", "jcstress").toAbsolutePath();

    @Test
    void the_real_ones_pass_and_the_broken_twins_fail() throws Exception {
        Map<String, Boolean> passed = run(System.getProperty("stress", "Stress"));
        assertThat(passed).isNotEmpty();
        var wrong = new ArrayList<String>();
        passed.forEach((test, hasPassed) -> {
            boolean isTwin = test.endsWith("Twin");
            if (hasPassed == isTwin) wrong.add(test + (isTwin ? " is broken and passes" : " fails"));
        });
        assertThat(wrong)
                .as("see %s, and the report beside it", FOLDER.resolve("output.txt"))
                .isEmpty();
        assertThat(passed.keySet()).anyMatch(test -> test.endsWith("Twin"));
    }

    /** Runs the tests whose names match, in processes of their own; gives for each whether it passed everywhere. */
    private static Map<String, Boolean> run(String tests) throws IOException, InterruptedException {
        delete(FOLDER);
        Files.createDirectories(FOLDER);
        var command = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
                "-r",
                FOLDER.resolve("report").toString()));
        command.addAll(
                IS_LONG
                        ? List.of("-m", "default")
                        : Arrays.asList("-m quick -sc false -af NONE -iters 4 -time 250 -jvmArgs -Xmx256m".split(" ")));
        Path output = FOLDER.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        process.waitFor(); // its exit code says only that some test failed, as twins do
        return results();
    }

    private static Map<String, Boolean> results() throws IOException {
        var passed = new TreeMap<String, Boolean>();
        try (var files = Files.list(FOLDER)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".bin.gz")).toList()) {
                var collector = new DiskReadCollector(file.toString(), result -> note(result, passed));
                collector.dump();
                collector.close();
            }
        } catch (ClassNotFoundException impossible) {
            throw new AssertionError("the results are of another version of jcstress", impossible);
        }
        return passed;
    }

    private static void note(TestResult result, Map<String, Boolean> passed) {
        passed.merge(result.getName(), result.grading().isPassed, Boolean::logicalAnd);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) return;
        try (var all = Files.walk(folder)) {
            all.sorted((a, b) -> b.compareTo(a)).forEach(each -> {
                try {
                    Files.delete(each);
                } catch (IOException error) {
                    throw new UncheckedIOException(error);
                }
            });
        }
    }
}
