package dev.orchestrator.testkit.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README shows the compiled example, as far as the tests go. */
class ReadmeTest {
    @Test
    void the_readme_shows_the_tests() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/testkit/readme/GreeterTest.java"));
        String region = source.substring(source.indexOf('\n', source.indexOf("@start")) + 1, source.indexOf("// @end"));
        assertThat(region.lines()).hasSizeLessThan(60);
        assertThat(Files.readString(Path.of("../README.md"))).contains(region.stripTrailing());
    }
}
