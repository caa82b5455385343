package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of the content of a file. */
class ContentTest {
    private final MediaTypes types = new MediaTypes();

    @ParameterizedTest
    @CsvSource({
        "Main.java, class, text/x-java",
        "MAIN.JAVA, class, text/x-java",
        "page.html, <html>, text/html",
        "data.json, {}, application/json",
        "archive.tar.gz, anything, application/gzip",
        "photo.JPG, anything, image/jpeg",
        "README, words, text/plain",
        "java, words, text/plain",
        "unknown.extension, words, text/plain",
        ".gitignore, target, text/plain",
        "empty.py, '', text/x-python",
        "empty, '', text/plain",
        "umlaut, ä, text/plain",
    })
    void name_and_first_bytes_tell_the_media_type(String name, String content, String type) {
        var head = content.getBytes(StandardCharsets.UTF_8);
        assertThat(types.of(name, head, head.length).name()).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.txt", "a.java"})
    void what_has_the_characters_of_no_text_is_none_whatever_it_is_called(String name) {
        assertThat(types.of(name, new byte[] {'a', 0, 'b'}, 3)).isEqualTo(MediaType.UNKNOWN);
    }

    @Test
    void lines_are_counted_at_any_place_of_the_buffer() {
        var random = new Random(1);
        for (int round = 0; round < 1000; round++) {
            var bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length; i++) if (random.nextInt(4) == 0) bytes[i] = '\n';
            int split = random.nextInt(bytes.length + 1);
            var counter = new LineCounter();
            counter.add(bytes, split);
            counter.add(Arrays.copyOfRange(bytes, split, bytes.length), bytes.length - split);

            var text = new String(bytes, StandardCharsets.ISO_8859_1);
            long lineFeeds = text.chars().filter(c -> c == '\n').count();
            long expected = text.isEmpty() || text.endsWith("\n") ? lineFeeds : lineFeeds + 1;
            assertThat(counter.lines()).as("round %d", round).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 63, 64, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 1_000_000})
    void a_file_of_any_size_is_read_to_its_end(int size, @TempDir Path folder) throws IOException {
        var bytes = "line\n".repeat(size / 5 + 1).substring(0, size).getBytes(StandardCharsets.US_ASCII);
        Files.write(folder.resolve("file.txt"), bytes);
        Files.write(folder.resolve("copy.txt"), bytes);

        var report = Program.reportOn(folder);

        assertThat(report.get("bytes").longValue()).isEqualTo(2L * size);
        var total = Program.list(report.get("mediaTypes")).getFirst();
        assertThat(total.get("lines").longValue()).isEqualTo(2L * ((size + 4) / 5));
        var groups = Program.list(report.get("duplicates"));
        if (size == 0) assertThat(groups).isEmpty();
        else
            assertThat(groups.getFirst().get("sha256").stringValue())
                    .isEqualTo(HexFormat.of().formatHex(Sha256.digest().digest(bytes)));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "999949, 999.9 kB",
        "999950, 1.0 MB",
        "1234567890, 1.2 GB",
        "9223372036854775807, 9.2 EB"
    })
    void sizes_are_readable(long bytes, String text) {
        assertThat(Bytes.text(bytes)).isEqualTo(text);
    }
}
