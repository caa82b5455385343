package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An error comes back with its class, its text, its trace and its causes, however strange it is. */
class StoredErrorsTest {
    private final JsonPayloads payloads = new JsonPayloads();

    private StoredErrorException again(Throwable error) {
        return (StoredErrorException) payloads.decodeError(payloads.encodeError(error));
    }

    @Test
    void class_text_trace_and_cause_come_back() {
        var again = again(new IllegalStateException("outer", new IOException("in\uD83Dner\0")));
        assertThat(again).hasMessage("java.lang.IllegalStateException: outer");
        assertThat(again.errorType()).isEqualTo("java.lang.IllegalStateException");
        assertThat(again.trace()).contains("StoredErrorsTest.class_text_trace", "Caused by: java.io.IOException");
        assertThat(again.getCause())
                .isInstanceOf(StoredErrorException.class)
                .hasMessage("java.io.IOException: in\uD83Dner\uFFFD");
        assertThat(again.getCause().getCause()).isNull();
    }

    @Test
    void an_error_without_a_text_has_its_class() {
        assertThat(again(new AssertionError())).hasMessage("java.lang.AssertionError");
    }

    @Test
    void eight_errors_of_a_chain_are_kept() {
        Throwable error = new IOException("0");
        for (int i = 1; i < 20; i++) error = new IOException(String.valueOf(i), error);
        assertThat(Stream.<Throwable>iterate(again(error), it -> it != null, Throwable::getCause)
                        .map(Throwable::getMessage))
                .hasSize(8)
                .endsWith("java.io.IOException: 12");
    }

    @Test
    void a_chain_that_bites_its_tail_ends() {
        var first = new IOException("first");
        var second = new IOException("second", first);
        first.initCause(second);
        assertThat(again(first).getCause().getCause()).isNull();
    }

    @Test
    void a_long_trace_and_a_long_text_are_cut() {
        var again = again(new IOException("\uD83D\uDE80".repeat(20_000)));
        assertThat(again.trace()).hasSizeLessThanOrEqualTo(16_000).endsWith("\uD83D\uDE80");
        assertThat(again.getMessage().length()).isLessThanOrEqualTo(16_000 + "java.io.IOException: ".length());
        assertThat(ErrorTexts.trace(new IOException("short")))
                .startsWith("java.io.IOException: short")
                .contains("\tat ");
    }

    @Test
    void an_error_whose_methods_throw_is_stored_all_the_same() {
        @SuppressWarnings("serial")
        class Broken extends RuntimeException {
            @Override
            public String getMessage() {
                throw new IllegalStateException("no message");
            }

            @Override
            public Throwable getCause() {
                throw new IllegalStateException("no cause");
            }
        }
        assertThat(again(new Broken()).errorType()).isEqualTo(Broken.class.getName());
        assertThat(again(new Broken())).hasMessage(Broken.class.getName());
    }

    @Test
    void the_attempts_of_a_dead_letter_are_cut_too() {
        var huge = new IOException("\uD83D\uDE80".repeat(20_000));
        FailedAttempt attempt = Errors.failed(1, "here", 0, 1, huge);
        assertThat(attempt.error()).hasSize(16_000).endsWith("\uD83D\uDE80");
        assertThat(attempt.trace()).hasSizeLessThanOrEqualTo(16_000).endsWith("\uD83D\uDE80");
        assertThat(Errors.ending(huge, payloads).text()).hasSize(16_000);
    }

    @Test
    void what_is_no_stored_error_says_so() {
        assertThatThrownBy(() -> payloads.decodeError("[1]"))
                .isInstanceOf(UnreadableException.class)
                .hasMessage("a stored error cannot be read: it is no JSON object");
        assertThatThrownBy(() -> payloads.decodeError("{")).hasMessageContaining("it is no JSON");
        assertThat(payloads.decodeError("{}")).hasMessage("unknown");
    }
}
