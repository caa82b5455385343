package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A path becomes Unicode, and different paths stay different. */
class PathTextTest {
    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @CsvSource({
        "/plain/name, /plain/name, true",
        "/%C3%BC, /ü, true",
        "/%EF%BF%BD, /\ufffd, true",
        "/back%5Cslash, /back\\slash, true",
        "/%FF, /\\xFF, false",
        "/back%5C%FF/slash%5C, /back\\\\\\xFF/slash\\\\, false",
        "/%C3%BC%C3, /ü\\xC3, false",
        "/%ED%A0%80x, /\\xED\\xA0\\x80x, false",
        "/%F0%9F%98%80%F0%9F%98, /\ud83d\ude00\\xF0\\x9F\\x98, false",
    })
    void bytes_that_are_no_utf_8_are_shown_as_bytes(String uri, String text, boolean isUnicode) {
        var path = Path.of(URI.create("file://" + uri));

        assertThat(PathText.of(path)).isEqualTo(new PathText(text, isUnicode));
        assertThat(PathText.of(path.getRoot().relativize(path)).text()).isEqualTo(text.substring(1));
    }
}
