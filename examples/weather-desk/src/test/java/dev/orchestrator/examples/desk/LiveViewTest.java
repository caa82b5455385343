package dev.orchestrator.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.VirtualTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private final VirtualTime time = new VirtualTime();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final LiveView view = new LiveView(new PrintStream(bytes, true, StandardCharsets.UTF_8), time);

    /** The lines of what was drawn since the last call, without what a terminal hides. */
    private List<String> drawn() {
        var text = bytes.toString(StandardCharsets.UTF_8).replaceAll("\033\\[\\??\\d*[a-zA-Z]", "");
        bytes.reset();
        return text.lines().toList();
    }

    @Test
    void rows_stand_above_what_happened_last_and_messages_below() {
        view.scene("A scene");
        view.row("stations", "nothing yet");
        view.line("job", "started");
        time.advance(Duration.ofMillis(1_500));
        view.line("message", "It is done.");
        view.row("stations", "Brocken");
        drawn();
        view.row("forecast", "fog");
        assertThat(drawn())
                .containsExactly(
                        "A scene",
                        "",
                        "stations Brocken",
                        "forecast fog",
                        "",
                        "00:00.000 started",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        "00:01.500 It is done.",
                        "",
                        "");
    }

    @Test
    void the_oldest_lines_leave_it() {
        for (int i = 1; i <= 9; i++) view.line("job", "line " + i);
        for (int i = 1; i <= 4; i++) view.line("message", "message " + i);
        drawn();
        view.row("stations", "Brocken");
        assertThat(drawn())
                .filteredOn(line -> line.startsWith("00:"))
                .map(line -> line.substring("00:00.000 ".length()))
                .containsExactly(
                        "line 2",
                        "line 3",
                        "line 4",
                        "line 5",
                        "line 6",
                        "line 7",
                        "line 8",
                        "line 9",
                        "message 2",
                        "message 3",
                        "message 4");
    }

    @Test
    void each_picture_is_drawn_over_the_one_before() {
        view.row("stations", "nothing yet");
        bytes.reset();
        view.row("stations", "Brocken");
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .startsWith("\033[16A")
                .doesNotContain("\033[17A");
    }

    @Test
    void the_terminal_is_left_as_it_was() {
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("\033[?25l\033[?7l");
        bytes.reset();
        view.close();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("\033[?7h\033[?25h");
    }
}
