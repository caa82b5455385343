package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.orchestrator.BaseJob;
import dev.orchestrator.JobProgress;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Currency;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;

/** What is stored comes back equal: the payload part of the durable promise. */
class JsonPayloadsTest {
    private final JsonPayloads payloads = new JsonPayloads();

    enum Size {
        SMALL,
        LARGE {
            @Override
            public String toString() {
                return "a large one";
            }
        }
    }

    record Line(String article, int count, BigDecimal price) {}

    record Order(
            long number,
            String customer,
            List<Line> lines,
            Map<Size, Integer> sizes,
            Set<UUID> tags,
            Optional<String> note,
            boolean urgent) {
        /** No component: not stored. */
        public String getTitle() {
            throw new UnsupportedOperationException("not to be called");
        }

        public boolean isLarge() {
            throw new UnsupportedOperationException("not to be called");
        }
    }

    record Times(
            Instant instant,
            LocalDate date,
            LocalTime time,
            LocalDateTime dateTime,
            OffsetDateTime offset,
            ZonedDateTime zoned,
            Duration duration,
            Period period,
            ZoneId zone,
            ZoneOffset zoneOffset,
            Year year,
            YearMonth month,
            DayOfWeek day,
            Map<LocalDate, Duration> byDate) {}

    record Empty() {}

    record Box<T>(T value) {}

    record Boxes(Box<LocalDate> date, Box<List<Line>> lines) {}

    static final class Resize extends BaseJob<String> {
        @JsonProperty
        private final String file;

        Resize(
                @JsonProperty("id") String id,
                @JsonProperty("metadata") Map<String, Object> metadata,
                @JsonProperty("file") String file) {
            super(id, metadata == null ? Map.of() : metadata);
            this.file = file;
        }
    }

    private Object again(Object value) {
        return payloads.decode(payloads.encode(value).json(), value.getClass(), "it");
    }

    @Test
    void records_with_collections_come_back_equal() {
        Map<Size, Integer> sizes = new EnumMap<>(Map.of(Size.SMALL, 3, Size.LARGE, 1));
        var order = new Order(
                Long.MAX_VALUE,
                "Zoë \"Z\" \uD83D\uDE80 \n",
                List.of(new Line("a", 1, new BigDecimal("1.10")), new Line("b", -2, new BigDecimal("0E-20"))),
                sizes,
                Set.of(new UUID(1, 2)),
                Optional.of(""),
                true);
        assertThat(again(order)).isEqualTo(order);
        assertThat(payloads.encode(order).json()).doesNotContain("title").contains("\"LARGE\":1");
    }

    @Test
    void an_empty_optional_comes_back_empty_also_when_it_is_missing() {
        var order = new Order(1, "c", List.of(), Map.of(), Set.of(), Optional.empty(), false);
        assertThat(again(order)).isEqualTo(order);
        String older = payloads.encode(order).json().replace(",\"note\":null", "");
        assertThat(older).doesNotContain("note");
        assertThat(payloads.decode(older, Order.class, "it")).isEqualTo(order);
    }

    @Test
    void times_are_iso_texts_and_come_back_with_their_zones() {
        var times = new Times(
                Instant.parse("2024-02-29T12:13:14.123456789Z"),
                LocalDate.of(2024, 2, 29),
                LocalTime.of(23, 59, 59, 1),
                LocalDateTime.of(2024, 1, 1, 0, 0),
                OffsetDateTime.of(2024, 1, 1, 0, 0, 0, 7, ZoneOffset.ofHours(5)),
                ZonedDateTime.of(2024, 10, 27, 2, 30, 0, 0, ZoneId.of("Europe/Berlin"))
                        .withLaterOffsetAtOverlap(),
                Duration.ofSeconds(-90, 5),
                Period.of(1, 2, 3),
                ZoneId.of("America/New_York"),
                ZoneOffset.ofHoursMinutes(5, 45),
                Year.of(1999),
                YearMonth.of(2030, 12),
                DayOfWeek.FRIDAY,
                Map.of(LocalDate.of(1, 1, 1), Duration.ofDays(3)));
        assertThat(again(times)).isEqualTo(times);
        assertThat(payloads.encode(times).json())
                .contains("\"2024-02-29T12:13:14.123456789Z\"", "\"2024-02-29\"", "\"PT-1M-29.999999995S\"");
    }

    @Test
    void numbers_are_exact() {
        var exact = new BigDecimal("12345678901234567890.12345678901234567890000");
        assertThat(payloads.decode(payloads.encode(exact).json(), BigDecimal.class, "it"))
                .isEqualTo(exact);
        var small = new BigDecimal("1E-400");
        assertThat(payloads.decode(payloads.encode(small).json(), BigDecimal.class, "it"))
                .isEqualTo(small);
        var large = BigInteger.TEN.pow(300);
        assertThat(payloads.decode(payloads.encode(large).json(), BigInteger.class, "it"))
                .isEqualTo(large);
        for (double number : new double[] {0.1, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, -0.0})
            assertThat(again(number)).isEqualTo(number);
    }

    @Test
    void a_tree_keeps_numbers_exact_that_an_upcaster_passes_on() {
        String json = "{\"price\":10.0000000000000000000000000000000000001000}";
        Object tree = payloads.decode(json, JsonNode.class, "it");
        assertThat(Documents.text((JsonNode) tree)).isEqualTo(json);
        assertThat(Documents.text(Documents.read(json, "it"))).isEqualTo(json);
    }

    @Test
    void bytes_are_base64() {
        byte[] bytes = {0, -1, 127};
        assertThat(payloads.encode(bytes).json()).isEqualTo("\"AP9/\"");
        assertThat((byte[]) again(bytes)).containsExactly(bytes);
    }

    @Test
    void paths_come_back_as_they_were_given() {
        record Files(Path relative, List<Path> more, Map<Path, Integer> sizes) {}
        var files = new Files(Path.of("a", "b c"), List.of(Path.of("/x/../y"), Path.of("")), Map.of(Path.of("k"), 1));
        assertThat(again(files)).isEqualTo(files);
        assertThat(payloads.encode(files).json()).doesNotContain("file:");
    }

    @Test
    void other_values_of_the_jdk_come_back_equal() {
        record Various(Locale locale, Currency currency, java.net.URI uri, char letter, int[] numbers) {}
        var various = new Various(Locale.GERMANY, Currency.getInstance("EUR"), java.net.URI.create("a:b"), 'ä', null);
        assertThat(again(various)).isEqualTo(various);
    }

    @Test
    void nothing_comes_back_as_null() {
        assertThat(payloads.encode(null, Void.class).json()).isEqualTo("null");
        assertThat(payloads.decode("null", Void.class, "it")).isNull();
        assertThat(payloads.decode(payloads.encode(null, String.class).json(), String.class, "it"))
                .isNull();
        assertThat(again(new Empty())).isEqualTo(new Empty());
    }

    @Test
    void generic_types_come_back_with_their_parts() throws Exception {
        var boxes =
                new Boxes(new Box<>(LocalDate.of(2024, 1, 2)), new Box<>(List.of(new Line("a", 1, BigDecimal.ONE))));
        assertThat(again(boxes)).isEqualTo(boxes);
        var type = Boxes.class.getDeclaredMethod("lines").getGenericReturnType();
        assertThat(payloads.decode(payloads.encode(boxes.lines(), type).json(), type, "it"))
                .isEqualTo(boxes.lines());
    }

    @Test
    void half_a_character_is_escaped_since_databases_refuse_it() {
        String text = "a\uD83D\uDE80\uD83Db\uDE80";
        String json = payloads.encode(text).json();
        assertThat(json).isEqualTo("\"a\uD83D\uDE80\\ud83db\\ude80\"");
        assertThat(again(text)).isEqualTo(text);
    }

    @Test
    void a_job_that_brings_its_id_keeps_it_and_its_metadata() {
        var job = new Resize("r-1", Map.of("user", "u"), "f.png");
        var again = (Resize) again(job);
        assertThat(again.id()).isEqualTo("r-1");
        assertThat(again.metadata()).isEqualTo(Map.of("user", "u"));
        assertThat(again.file).isEqualTo("f.png");
        assertThat(payloads.encode(new Resize("r-1", null, "f")).json()).isEqualTo("{\"id\":\"r-1\",\"file\":\"f\"}");
    }

    @Test
    void attachments_in_a_value_are_found_wherever_they_are() {
        record Mail(Attachment first, List<Optional<Attachment>> more, Map<String, Attachment> named) {}
        var a = new Attachment("a".repeat(64), "a.txt", 1);
        var b = new Attachment("b".repeat(64), "b.txt", 2);
        var c = new Attachment("c".repeat(64), "c.txt", 3);
        var mail = new Mail(a, List.of(Optional.of(b), Optional.empty(), Optional.of(a)), Map.of("c", c));
        Payloads.Encoded encoded = payloads.encode(mail);
        assertThat(encoded.attachments()).containsExactlyInAnyOrder(a.hash(), b.hash(), c.hash());
        assertThat(payloads.decode(encoded.json(), Mail.class, "it")).isEqualTo(mail);
        assertThat(payloads.encode(new Empty()).attachments()).isEmpty();
    }

    @Test
    void properties_that_a_type_does_not_know_are_left_out() {
        assertThat(payloads.decode("{\"later\":{\"x\":1},\"value\":1}", Box.class, "it"))
                .isEqualTo(new Box<>(1));
    }

    @Test
    void progress_comes_back_with_its_payload_as_plain_json() {
        var progress = JobProgress.step(1, 3).withMessage("m").withPayload(new Line("a", 1, BigDecimal.TEN));
        Map<String, Object> plain = new LinkedHashMap<>(Map.of("article", "a", "count", 1, "price", 10));
        assertThat(payloads.decodeProgress(payloads.encodeProgress(progress))).isEqualTo(progress.withPayload(plain));
        assertThat(payloads.decodeProgress(payloads.encodeProgress(JobProgress.of(0.25))))
                .isEqualTo(JobProgress.of(0.25));
        assertThat(payloads.decodeProgress(
                        payloads.encodeProgress(JobProgress.of(0.5).withPayload(new Object()))))
                .isEqualTo(JobProgress.of(0.5));
    }

    @Test
    void a_mapper_of_the_user_is_taken_as_it_is() {
        var users = new JsonPayloads(
                JsonPayloads.settings().propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE), 100);
        record Wish(String wantedArticle, Attachment picture) {}
        var wish = new Wish("a", new Attachment("a".repeat(64), "p", 1));
        Payloads.Encoded encoded = users.encode(new Wish("a", null));
        assertThat(encoded.json()).isEqualTo("{\"wanted-article\":\"a\",\"picture\":null}");
        assertThatThrownBy(() -> users.encode(wish)).hasMessageContaining("bytes as JSON, and 100 is the limit");
        assertThatThrownBy(() -> new JsonPayloads(JsonPayloads.settings(), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the largest size must be 1 byte or more, was 0");
    }
}
