package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Members of sealed families come back as what they were, without an annotation, wherever they stand. */
class SealedFamiliesTest {
    private final JsonPayloads payloads = new JsonPayloads();

    sealed interface Shape {}

    record Circle(double radius) implements Shape {}

    record Point() implements Shape {}

    sealed interface Polygon extends Shape {}

    record Square(double side) implements Polygon {}

    record Group(List<Shape> parts) implements Polygon {}

    enum Nothing implements Shape {
        NOTHING,
        LESS {
            @Override
            public String toString() {
                return "less than nothing";
            }
        }
    }

    record Drawing(
            Shape shape,
            Circle circle,
            Nothing nothing,
            List<Shape> list,
            Map<String, Polygon> map,
            Optional<Shape> optional,
            Shape[] array) {}

    abstract static sealed class Animal {
        public String name = "";
    }

    static final class Cat extends Animal {}

    static final class Dog extends Animal {
        public int age;
    }

    sealed interface Twin {}

    static final class Left {
        record Same(int a) implements Twin {}
    }

    static final class Right {
        record Same(int b) implements Twin {}
    }

    sealed interface Named {}

    static final class Up {
        record One(int a) implements Named {}
    }

    static final class Down {
        @JsonTypeName("two")
        record One(int b) implements Named {}
    }

    sealed interface Half {}

    non-sealed interface Open extends Half {}

    record Unknown(int a) implements Open {}

    record Halves(Half half) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({@JsonSubTypes.Type(value = Yes.class, name = "y"), @JsonSubTypes.Type(value = No.class, name = "n")})
    sealed interface Answer {}

    record Yes() implements Answer {}

    record No(String why) implements Answer {}

    record Answers(Answer first, List<Answer> all) {}

    private Object again(Object value, Type type) {
        return payloads.decode(payloads.encode(value, type).json(), type, "it");
    }

    @Test
    void a_member_is_written_with_its_simple_name() {
        assertThat(payloads.encode(new Circle(1)).json()).isEqualTo("{\"@type\":\"Circle\",\"radius\":1.0}");
        assertThat(payloads.encode(new Point(), Shape.class).json()).isEqualTo("{\"@type\":\"Point\"}");
        assertThat(payloads.encode(new Square(2), Shape.class).json()).startsWith("{\"@type\":\"Square\"");
    }

    @Test
    void a_member_comes_back_as_itself_and_as_one_of_any_family_above() {
        for (Shape shape : List.of(new Circle(1), new Point(), new Square(2), new Group(List.of(new Point())))) {
            assertThat(again(shape, Shape.class)).isEqualTo(shape);
            assertThat(payloads.decode(payloads.encode(shape).json(), Shape.class, "it"))
                    .isEqualTo(shape);
            assertThat(again(shape, shape.getClass())).isEqualTo(shape);
        }
        assertThat(again(new Square(2), Polygon.class)).isEqualTo(new Square(2));
    }

    @Test
    void members_come_back_from_fields_and_collections() {
        var drawing = new Drawing(
                new Square(1),
                new Circle(2),
                Nothing.NOTHING,
                List.of(new Point(), Nothing.NOTHING, new Group(List.of(new Circle(3), Nothing.LESS))),
                Map.of("a", new Square(4)),
                Optional.of(new Circle(5)),
                new Shape[] {new Point(), new Square(6)});
        String json = payloads.encode(drawing).json();
        assertThat((Drawing) payloads.decode(json, Drawing.class, "it"))
                .usingRecursiveComparison()
                .isEqualTo(drawing);
        assertThat(json).contains("\"nothing\":\"NOTHING\"");
    }

    @Test
    void an_enum_can_be_a_member() {
        assertThat(again(Nothing.NOTHING, Shape.class)).isEqualTo(Nothing.NOTHING);
        assertThat(again(Nothing.LESS, Shape.class)).isEqualTo(Nothing.LESS);
        assertThat(again(Nothing.LESS, Nothing.class)).isEqualTo(Nothing.LESS);
    }

    @Test
    void members_come_back_from_a_generic_result() throws Exception {
        Type shapes = Group.class.getRecordComponents()[0].getGenericType();
        List<Shape> value = List.of(new Circle(1), new Square(2));
        assertThat(again(value, shapes)).isEqualTo(value);
    }

    @Test
    void sealed_abstract_classes_are_families_too() {
        var dog = new Dog();
        dog.name = "Rex";
        dog.age = 7;
        assertThat(payloads.encode(dog, Animal.class).json()).contains("\"@type\":\"Dog\"");
        assertThat(again(dog, Animal.class))
                .isInstanceOf(Dog.class)
                .usingRecursiveComparison()
                .isEqualTo(dog);
        assertThat(again(new Cat(), Animal.class)).isInstanceOf(Cat.class);
    }

    @Test
    void a_record_that_was_no_member_when_it_was_stored_can_be_read() {
        assertThat(payloads.decode("{\"radius\":1.5}", Circle.class, "it")).isEqualTo(new Circle(1.5));
    }

    @Test
    void two_members_of_the_same_name_are_refused() {
        assertThatThrownBy(() -> payloads.check(Twin.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "the sealed family " + Twin.class.getName() + " has two members with the name Same")
                .hasMessageContaining("@JsonTypeName");
        assertThatThrownBy(() -> payloads.encode(new Left.Same(1), Twin.class))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two members with the name Same");
    }

    @Test
    void an_annotation_tells_members_of_the_same_name_apart() {
        payloads.check(Named.class);
        assertThat(again(new Up.One(1), Named.class)).isEqualTo(new Up.One(1));
        assertThat(again(new Down.One(1), Named.class)).isEqualTo(new Down.One(1));
        assertThat(payloads.encode(new Down.One(1), Named.class).json()).contains("\"@type\":\"two\"");
    }

    @Test
    void what_belongs_to_a_family_only_through_an_open_member_is_refused_when_it_is_written() {
        assertThatThrownBy(() -> payloads.encode(new Halves(new Unknown(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Unknown.class.getName())
                .hasMessageContaining("not sealed");
    }

    @Test
    void annotations_of_the_user_win() {
        var answers = new Answers(new No("later"), List.of(new Yes(), new No("never")));
        assertThat(payloads.encode(answers).json())
                .contains("\"kind\":\"n\"", "{\"kind\":\"y\"}")
                .doesNotContain("@type");
        assertThat(again(answers, Answers.class)).isEqualTo(answers);
        assertThat(again(new Yes(), Answer.class)).isEqualTo(new Yes());
    }
}
