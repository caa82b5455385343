package dev.orchestrator.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's example is the compiled one, and does what the README says. */
class ReadmeTest {
    @Test
    void the_readme_shows_the_compiled_example() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/readme/QuickStart.java"));
        String region =
                source.substring(source.indexOf('\n', source.indexOf("@start")) + 1, source.indexOf("    // @end"));
        assertThat(Files.readString(Path.of("../README.md")))
                .contains(region.stripTrailing().stripIndent());
    }

    @Test
    void the_example_ends_with_a_greeting() throws Exception {
        var printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            QuickStart.run();
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines().toList()).endsWith("Hello, user 42");
    }
}
