package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What cannot be read or written is refused with what is wrong and where, and nothing of the contents. */
class UnreadableTest {
    private static final String SECRET = "s3cr3t";

    private final JsonPayloads payloads = new JsonPayloads();

    enum Colour {
        RED
    }

    record Line(String article, int count) {
        Line {
            Objects.requireNonNull(article, "a line needs an article");
        }
    }

    record Order(List<Line> lines, Map<String, Line> named, Colour colour, Instant at) {}

    sealed interface Shape {}

    record Dot(int x) implements Shape {}

    interface Strange {}

    static final class Cyclic {
        public Object self = this;
    }

    static final class Getter {
        public String getValue() {
            throw new IllegalStateException(SECRET);
        }
    }

    private String refused(String json, Class<?> type) {
        Throwable thrown = catchThrowable(() -> payloads.decode(json, type, "'order' version 3"));
        assertThat(thrown)
                .isInstanceOf(UnreadableException.class)
                .hasMessageStartingWith("'order' version 3 cannot be read");
        var all = new StringWriter();
        thrown.printStackTrace(new PrintWriter(all, true));
        assertThat(all.toString()).doesNotContain(SECRET);
        return thrown.getMessage();
    }

    @Test
    void no_json() {
        assertThat(refused("{\"lines\": " + SECRET + "}", Order.class)).contains("it is no JSON", "at line 1, column");
        assertThat(refused("", Order.class)).contains("nothing stands there that fits " + Order.class.getName());
        assertThat(refused("{\"colour\":\"RED\"", Order.class)).contains("it is no JSON");
        assertThat(refused("{} {}", Order.class)).contains("nothing stands there that fits");
    }

    @Test
    void a_value_of_another_type() {
        assertThat(refused("{\"lines\":[{\"article\":\"a\",\"count\":\"" + SECRET + "\"}]}", Order.class))
                .contains("at lines[0].count (line 1, column 3", "nothing stands there that fits int");
        assertThat(refused("{\"at\":\"" + SECRET + "\"}", Order.class)).contains("at at", "java.time.Instant");
        assertThat(refused("{\"colour\":\"" + SECRET + "\"}", Order.class)).contains("fits " + Colour.class.getName());
        assertThat(refused("{\"colour\":0}", Order.class)).contains("fits " + Colour.class.getName());
        assertThat(refused("[\"" + SECRET + "\"]", Order.class)).contains("fits " + Order.class.getName());
    }

    @Test
    void keys_of_maps_are_contents() {
        assertThat(refused("{\"named\":{\"" + SECRET + "\":{\"article\":\"a\",\"count\":[]}}}", Order.class))
                .contains("named[a key].count");
    }

    @Test
    void a_primitive_that_is_missing_or_null() {
        assertThat(refused("{\"lines\":[{\"article\":\"a\"}]}", Order.class)).contains("fits int");
        assertThat(refused("{\"lines\":[{\"article\":\"a\",\"count\":null}]}", Order.class))
                .contains("lines[0].count", "fits int");
    }

    @Test
    void a_null_that_the_record_refuses_in_its_own_words() {
        assertThat(refused("{\"lines\":[{\"count\":1}]}", Order.class))
                .contains("at lines[0]", Line.class.getName() + " refuses it: a line needs an article");
    }

    @Test
    void a_member_that_is_not_known() {
        assertThat(refused("{\"@type\":\"Star\"}", Shape.class))
                .contains("Star is no member of " + Shape.class.getName() + " that is known here");
        assertThat(refused("{\"@type\":\"a " + SECRET + "\"}", Shape.class)).contains("what stands there is no member");
        assertThat(refused("{\"x\":1}", Shape.class)).contains("it does not say which member");
    }

    @Test
    void a_type_without_a_way_to_be_made() {
        assertThat(refused("{\"a\":\"" + SECRET + "\"}", Strange.class)).contains(Strange.class.getName());
        assertThatThrownBy(() -> payloads.check(Strange.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Strange.class.getName() + " could be stored but not read again");
    }

    @Test
    void what_nests_too_deeply() {
        String deep = "[".repeat(2_000) + "]".repeat(2_000);
        assertThat(refused(deep, Object.class)).contains("nesting depth");
    }

    // ---- writing ----

    @Test
    void a_value_without_a_way_to_write_it() {
        record Holder(List<Object> things) {}
        assertThatThrownBy(() -> payloads.encode(new Holder(List.of("a", new Object()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "a value of type " + Holder.class.getName() + " cannot be stored as JSON at things[1]")
                .hasMessageContaining("java.lang.Object");
    }

    @Test
    void a_value_that_holds_itself() {
        assertThatThrownBy(() -> payloads.encode(new Cyclic()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be stored as JSON at self");
        var list = new ArrayList<Object>();
        list.add(List.of(list));
        assertThatThrownBy(() -> payloads.encode(list))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it holds itself, or is nested too deeply");
    }

    @Test
    void a_getter_that_throws() {
        assertThatThrownBy(() -> payloads.encode(new Getter()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at value: java.lang.IllegalStateException")
                .hasCauseInstanceOf(IllegalStateException.class);
        var map = new HashMap<String, Object>();
        map.put(SECRET, new Getter());
        assertThatThrownBy(() -> payloads.encode(map))
                .message()
                .contains("[a key].value")
                .doesNotContain(SECRET);
    }

    @Test
    void an_error_of_the_users_code_is_no_other_than_an_exception() {
        record Asserted(int x) {
            Asserted {
                if (x < 0) throw new AssertionError(SECRET);
            }

            @Override
            public int x() {
                throw new AssertionError(SECRET);
            }
        }
        assertThat(refused("{\"x\":-1}", Asserted.class)).contains("java.lang.AssertionError");
        assertThatThrownBy(() -> payloads.encode(new Asserted(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.AssertionError");
    }

    @Test
    void a_value_that_is_too_large_says_how_large() {
        assertThatThrownBy(() -> payloads.encode("ä".repeat(600_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a value of type java.lang.String is 1200002 bytes as JSON, and 1048576 is the limit."
                        + " Store what is large as an attachment");
        assertThat(payloads.encode("ä".repeat(500_000)).json()).hasSize(500_002);
    }
}
