package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import java.io.IOException;
import java.lang.reflect.Type;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Types are stored under stable names and versions, old versions are read by upcasters, and results as what they are. */
class KindsTest {
    private final JsonPayloads payloads = new JsonPayloads();
    private final Kinds kinds = new Kinds();

    record Invoice(String order, long cents, String currency) implements Job<List<String>> {}

    record Other(int x) implements Job<Void> {}

    sealed interface Mail extends Job<String> {}

    record Letter(String to) implements Mail {}

    sealed interface Parcel extends Mail {}

    record Box(int size) implements Parcel {}

    interface Open extends Job<String> {}

    abstract static class Base<A, B> implements Job<Map<B, List<A>>> {}

    static final class Derived extends Base<Integer, String> {}

    record Generic<T>(T value) implements Job<List<T>> {}

    @SuppressWarnings("rawtypes")
    static final class Raw implements Job {}

    record Anything() implements Job<Object> {}

    interface Strange {}

    record GivesStrange() implements Job<Strange> {}

    record Arrays() implements Job<List<String>[]> {}

    record Sent(String to, int copies) implements Event {}

    record Lost(String to) implements Event {}

    private <J extends Job<R>, R extends @Nullable Object> RegisteredKind<J, R> kind(
            Class<J> type, String name, int version, Map<Integer, UnaryOperator<ObjectNode>> upcasters) {
        return kind(type, name, version, upcasters, null);
    }

    private <J extends Job<R>, R extends @Nullable Object> RegisteredKind<J, R> kind(
            Class<J> type,
            String name,
            int version,
            Map<Integer, UnaryOperator<ObjectNode>> upcasters,
            @Nullable Condition condition) {
        return new RegisteredKind<>(
                new StoredType<>(type, name, version, upcasters, payloads),
                payloads,
                new RegisteredKind.Doer.Elsewhere<>(),
                condition,
                null);
    }

    private static final Map<Integer, UnaryOperator<ObjectNode>> STEPS = Map.of(
            1, old -> old.put("cents", old.remove("euros").asInt() * 100),
            2, old -> old.put("currency", "EUR"));

    // ---- versions ----

    @Test
    void upcasters_lead_over_three_versions() {
        var invoice = kind(Invoice.class, "invoice", 3, STEPS);
        var newest = new Invoice("o", 700, "EUR");
        assertThat(invoice.decode(1, "{\"order\":\"o\",\"euros\":7}")).isEqualTo(newest);
        assertThat(invoice.decode(2, "{\"order\":\"o\",\"cents\":700}")).isEqualTo(newest);
        assertThat(invoice.decode(3, invoice.encode(newest).json())).isEqualTo(newest);
        assertThat(invoice.tasks()).containsExactly("invoice@1", "invoice@2", "invoice@3");
    }

    @Test
    void without_upcasters_only_the_newest_version_is_read() {
        var invoice = kind(Invoice.class, "invoice", 3, Map.of());
        assertThat(invoice.tasks()).containsExactly("invoice@3");
        assertThatThrownBy(() -> invoice.decode(2, "{}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessage("'invoice' version 2 cannot be read: the upcaster from version 2 to 3 is missing");
    }

    @Test
    void a_gap_ends_what_is_read() {
        var invoice = kind(Invoice.class, "invoice", 4, Map.of(1, it -> it, 3, it -> it));
        assertThat(invoice.tasks()).containsExactly("invoice@3", "invoice@4");
        assertThatThrownBy(() -> invoice.decode(1, "{}")).hasMessageContaining("from version 2 to 3 is missing");
        assertThatThrownBy(() -> invoice.decode(5, "{}"))
                .hasMessage("'invoice' version 5 cannot be read: version 4 is the newest that this program knows");
    }

    @Test
    void an_upcaster_that_fails_says_so_in_its_words() {
        var invoice = kind(
                Invoice.class,
                "invoice",
                3,
                Map.of(
                        1,
                        old -> {
                            throw new IllegalStateException("no euros");
                        },
                        2,
                        old -> null));
        var asserts = kind(Other.class, "other", 2, Map.of(1, old -> {
            throw new AssertionError("no x");
        }));
        assertThatThrownBy(() -> asserts.decode(1, "{}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("the upcaster from version 1 to 2 failed: no x");
        assertThatThrownBy(() -> invoice.decode(1, "{}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("the upcaster from version 1 to 2 failed: no euros");
        assertThatThrownBy(() -> invoice.decode(2, "{}")).hasMessageContaining("from version 2 to 3 gave null");
        assertThatThrownBy(() -> invoice.decode(2, "[]")).hasMessageContaining("it is no JSON object");
        assertThatThrownBy(() -> invoice.decode(3, "null"))
                .hasMessage("'invoice' version 3 cannot be read: it is null");
    }

    // ---- names ----

    @Test
    void names_and_versions_are_checked() {
        for (String name : List.of("", " ", "a b", "a@1", "ä", "x".repeat(101)))
            assertThatThrownBy(() -> kind(Other.class, name, 1, Map.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a stored name has 1 to 100 letters");
        kind(Other.class, "A-z_0.9" + "x".repeat(93), 1, Map.of());
        assertThatThrownBy(() -> kind(Other.class, "other", 0, Map.of())).hasMessageContaining("1 or more, was 0");
        assertThatThrownBy(() -> kind(Other.class, "other", 2, Map.of(2, it -> it)))
                .hasMessage("'other' has an upcaster from version 2 to 3, but its versions are 1 to 2");
    }

    @Test
    void a_second_type_with_a_name_and_a_second_name_for_a_type_are_refused() {
        kinds.add(kind(Other.class, "other", 1, Map.of()));
        assertThatThrownBy(() -> kinds.add(kind(Invoice.class, "other", 1, Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("so " + Invoice.class.getName() + " needs one of its own");
        assertThatThrownBy(() -> kinds.add(kind(Other.class, "another", 1, Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a type has one stored name");
        assertThatThrownBy(() -> kinds.add(kind(Other.class, "other", 2, Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("register it once, with its newest version");
        assertThat(kinds.all()).hasSize(1);
    }

    @Test
    void a_kind_that_is_taken_back_is_gone() {
        var other = kind(Other.class, "other", 1, Map.of());
        kinds.add(other);
        kinds.remove(kind(Other.class, "other", 1, Map.of()));
        assertThat(kinds.find("other")).containsSame(other);
        kinds.remove(other);
        assertThat(kinds.find("other")).isEmpty();
        assertThat(kinds.find(Other.class)).isEmpty();
        kinds.add(other);
    }

    @Test
    void a_job_that_is_not_registered_says_how_to_do_that() {
        assertThatThrownBy(() -> kinds.of(new Other(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("durable.register(Other.class, \"name\", 1, executor)");
    }

    // ---- families ----

    @Test
    void every_member_of_a_family_is_stored_under_its_name() {
        var mail = kind(Mail.class, "mail", 1, Map.of());
        kinds.add(mail);
        for (Mail job : List.of(new Letter("you"), new Box(3))) {
            assertThat(kinds.of(job)).isSameAs(mail);
            assertThat(mail.encode(job).json())
                    .contains("\"@type\":\"" + job.getClass().getSimpleName());
            assertThat(mail.decode(1, mail.encode(job).json())).isEqualTo(job);
        }
        assertThatThrownBy(() -> kinds.add(kind(Box.class, "box", 1, Map.of())))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is registered already as 'mail'");
    }

    @Test
    void a_family_that_is_not_sealed_is_refused() {
        assertThatThrownBy(() -> kind(Open.class, "open", 1, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is an interface and not sealed");
    }

    // ---- results ----

    @Test
    void results_are_of_the_type_that_the_job_says() throws Exception {
        assertThat(ResultTypes.of(Invoice.class).getTypeName()).isEqualTo("java.util.List<java.lang.String>");
        assertThat(ResultTypes.of(Box.class)).isEqualTo(String.class);
        assertThat(ResultTypes.of(Derived.class).getTypeName())
                .isEqualTo("java.util.Map<java.lang.String, java.util.List<java.lang.Integer>>");
        var derived = kind(Derived.class, "derived", 1, Map.of());
        var value = Map.of("a", List.of(1, 2));
        assertThat(derived.decodeResult(derived.encodeResult(value))).isEqualTo(value);
        var arrays = kind(Arrays.class, "arrays", 1, Map.of());
        assertThat(arrays.decodeResult("[[\"a\"]]")[0]).containsExactly("a");
    }

    @Test
    void no_result_is_a_result() {
        var other = kind(Other.class, "other", 1, Map.of());
        assertThat(other.encodeResult(null)).isEqualTo("null");
        assertThat(other.decodeResult("null")).isNull();
        assertThatThrownBy(() -> kind(Invoice.class, "invoice", 1, Map.of()).decodeResult("{}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("the result of 'invoice' cannot be read");
    }

    @Test
    @SuppressWarnings({"unchecked", "rawtypes"})
    void a_result_that_is_left_open_is_refused() {
        for (Class type : List.of(Generic.class, Raw.class))
            assertThatThrownBy(() -> ResultTypes.of(type))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is left open");
        assertThatThrownBy(() -> ResultTypes.of(Anything.class)).hasMessageContaining("Name the type");
        assertThatThrownBy(() -> kind(GivesStrange.class, "strange", 1, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("could be stored but not read again");
    }

    // ---- the rest ----

    @Test
    void what_is_only_dispatched_here_is_not_done_here() {
        kinds.add(kind(Other.class, "other", 1, Map.of()));
        var done = new RegisteredKind<Invoice, List<String>>(
                new StoredType<>(Invoice.class, "invoice", 3, STEPS, payloads),
                payloads,
                new RegisteredKind.Doer.OnThreads<>((job, context) -> List.of()),
                null,
                null);
        kinds.add(done);
        assertThat(kinds.tasksDoneHere()).containsExactly("invoice@1", "invoice@2", "invoice@3");
        assertThat(done.isDoneHere()).isTrue();
        assertThatThrownBy(() -> done.settle(new Invoice("o", 1, "EUR"), JobOptions.none()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not registered at a dispatcher yet");
    }

    @Test
    void offline_is_an_error_that_says_nobody_was_reached() {
        var mail = kind(Mail.class, "mail", 1, Map.of(), Conditions.when("online", () -> true));
        assertThat(mail.isOffline(new ConnectException())).isTrue();
        assertThat(mail.isOffline(new RuntimeException(new IOException(new UnknownHostException("h")))))
                .isTrue();
        assertThat(mail.isOffline(new OfflineException("no line", new IOException())))
                .isTrue();
        assertThat(mail.isOffline(new IOException("reset"))).isFalse();
        var without = kind(Mail.class, "mail", 1, Map.of());
        assertThat(without.isOffline(new ConnectException()))
                .as("without a condition, retries are what helps")
                .isFalse();
        assertThat(without.isOffline(new RuntimeException(new OfflineException("no line"))))
                .isTrue();
    }

    @Test
    void events_are_stored_under_names_and_versions_too() {
        var events = new EventKinds(payloads);
        events.add(Sent.class, "sent", 2, Map.of(1, old -> old.put("copies", 1)));
        EncodedEvent encoded = events.encode(new Sent("you", 2));
        assertThat(encoded.type()).isEqualTo("sent");
        assertThat(encoded.version()).isEqualTo(2);
        assertThat(events.decode("sent", 2, encoded.payload())).isEqualTo(new Sent("you", 2));
        assertThat(events.decode("sent", 1, "{\"to\":\"me\"}")).isEqualTo(new Sent("me", 1));
        assertThatThrownBy(() -> events.encode(new Lost("you")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("durable.registerEvent(Lost.class, \"name\", 1)");
        assertThatThrownBy(() -> events.decode("lost", 1, "{}"))
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("has registered no events of that name");
        assertThatThrownBy(() -> events.add(Lost.class, "sent", 1, Map.of())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void the_type_of_a_result_is_a_value() throws Exception {
        Type first = ResultTypes.of(Invoice.class);
        assertThat(first).isEqualTo(ResultTypes.of(Invoice.class)).hasSameHashCodeAs(ResultTypes.of(Invoice.class));
    }
}
