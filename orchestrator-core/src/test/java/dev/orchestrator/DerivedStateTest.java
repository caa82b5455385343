package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P6, for what is made of states: it is given when it changes, never without the last, and of states that met. */
class DerivedStateTest {
    private record Form(String name, int age) {}

    private static final class Editor extends BaseOrchestrator<Form> {
        Editor(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(new Form("Ada", 1), dispatcher, bus, lane);
        }

        void rename(String name) {
            update(form -> new Form(name, form.age()));
        }

        void age(int age) {
            update(form -> new Form(form.name(), age));
        }
    }

    private static final class Counter extends BaseOrchestrator<Integer> {
        Counter(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(0, dispatcher, bus, lane);
        }

        Counter(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        void set(int number) {
            emit(number);
        }
    }

    private final List<Throwable> errors = new ArrayList<>();
    private final SignalBus bus = SignalBus.builder()
            .errorHandler((error, handler, event) -> errors.add(error))
            .build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();
    private final ManualLane otherLane = new ManualLane();
    private final Editor editor = new Editor(dispatcher, bus, lane);
    private final Counter counter = new Counter(dispatcher, bus, otherLane);

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private <T> FlowReader<T> reading(Flow.Publisher<T> publisher) {
        return reading(publisher, Long.MAX_VALUE);
    }

    private <T> FlowReader<T> reading(Flow.Publisher<T> publisher, long atOnce) {
        var reader = new FlowReader<T>(atOnce);
        publisher.subscribe(reader);
        lane.runAll();
        return reader;
    }

    // ---- a part ----

    @Test
    void a_part_is_given_at_once_and_when_it_has_changed() {
        var reader = reading(editor.select(Form::name));
        editor.age(2);
        lane.runAll();
        editor.rename("Bob");
        lane.runAll();
        editor.age(3);
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada", "Bob");
    }

    @Test
    void a_handler_of_a_part_is_called_until_it_is_closed() {
        var seen = new ArrayList<String>();
        var subscription = editor.onState(Form::name, seen::add);
        lane.runAll();
        editor.age(2);
        editor.rename("Bob");
        lane.runAll();
        subscription.close();
        editor.rename("Cid");
        lane.runAll();
        assertThat(seen).containsExactly("Ada", "Bob");
    }

    @Test
    void a_slow_subscriber_skips_and_gets_the_newest_part_when_it_asks() {
        var reader = reading(editor.select(Form::name), 1);
        editor.rename("Bob");
        lane.runAll();
        editor.rename("Cid");
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada");
        reader.request(1);
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada", "Cid");
    }

    @Test
    void one_that_goes_back_before_it_was_given_was_no_change() {
        var reader = reading(editor.select(Form::name));
        editor.rename("Bob");
        editor.rename("Ada");
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada");
    }

    @Test
    void after_the_closing_the_last_part_is_given_and_then_it_is_over() {
        var reader = reading(editor.select(Form::name));
        editor.rename("Bob");
        editor.close();
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada", "Bob");
        assertThat(reader.completed).isTrue();
        var late = reading(editor.select(Form::age));
        assertThat(late.seen).containsExactly(1);
        assertThat(late.completed).isTrue();
    }

    @Test
    void a_function_that_throws_ends_its_own_stream_only() {
        var broken = reading(editor.select(form -> 1 / (form.age() - 2)));
        var sound = reading(editor.select(Form::age));
        editor.age(2);
        lane.runAll();
        editor.age(3);
        lane.runAll();
        assertThat(broken.seen).containsExactly(-1);
        assertThat(broken.error).isInstanceOf(ArithmeticException.class);
        assertThat(sound.seen).containsExactly(1, 2, 3);
    }

    @Test
    @SuppressWarnings("NullAway")
    void nothing_is_an_optional_and_null_is_refused() {
        Function<Form, String> none = form -> null;
        assertThat(reading(editor.select(none)).error)
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("Optional");
    }

    @Test
    void a_handler_hears_of_a_function_that_throws_by_the_error_handler() {
        editor.onState(form -> 1 / (form.age() - 1), number -> {});
        lane.runAll();
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalStateException.class)
                        .hasCauseInstanceOf(ArithmeticException.class));
    }

    // ---- two states ----

    @Test
    void a_combination_follows_both_sides() {
        var reader = reading(editor.combine(counter, (form, number) -> form.name() + number));
        counter.set(1);
        lane.runAll();
        editor.rename("Bob");
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada0", "Ada1", "Bob1");
    }

    @Test
    void changes_of_both_sides_that_came_together_give_one_combination() {
        var reader = reading(editor.combine(counter, (form, number) -> form.name() + number));
        counter.set(1);
        editor.rename("Bob");
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada0", "Bob1");
    }

    @Test
    void it_goes_on_with_the_last_state_of_a_closed_other_and_ends_with_its_own() {
        var reader = reading(editor.combine(counter, (form, number) -> form.name() + number));
        counter.set(1);
        counter.close();
        lane.runAll();
        editor.rename("Bob");
        lane.runAll();
        assertThat(reader.completed).isFalse();
        editor.close();
        lane.runAll();
        assertThat(reader.seen).containsExactly("Ada0", "Ada1", "Bob1");
        assertThat(reader.completed).isTrue();
    }

    @Test
    void a_cancelled_one_leaves_nothing_behind_at_the_other_side() {
        var reader = reading(editor.combine(counter, (form, number) -> form.name() + number));
        reader.cancel();
        counter.set(1);
        assertThat(lane.waiting()).isZero();
        assertThat(reader.seen).containsExactly("Ada0");
    }

    @Test
    void an_orchestrator_may_be_combined_with_itself() {
        var reader = reading(counter.combine(counter, Integer::sum));
        otherLane.runAll();
        counter.set(2);
        otherLane.runAll();
        assertThat(reader.seen).containsExactly(0, 4);
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_is_refused() {
        assertThatThrownBy(() -> editor.select(null)).hasMessage("part");
        assertThatThrownBy(() -> editor.combine(null, (form, other) -> form)).hasMessage("other");
        assertThatThrownBy(() -> editor.combine(counter, null)).hasMessage("combination");
        assertThatThrownBy(() -> editor.select(Form::name).subscribe(null)).hasMessage("subscriber");
    }

    @Test
    void a_first_state_that_changed_while_the_second_was_read_is_read_again() {
        var first = new StateCell<>(0);
        View<Integer> second = new View<>() {
            private int reads;

            @Override
            public Integer get() {
                first.update(number -> 1); // somebody is faster
                return ++reads;
            }

            @Override
            public boolean isFrozen() {
                return false;
            }
        };
        assertThat(new StatePublisher.Pair<>(first, second, List::of).get()).isEqualTo(List.of(1, 2));
    }

    @Test
    void so_is_one_that_has_come_back_meanwhile() {
        var first = new StateCell<>("idle");
        View<Integer> second = new View<>() {
            private int reads;

            @Override
            public Integer get() {
                if (reads > 0) return 2;
                reads++;
                first.update(state -> "loading");
                int meanwhile = 1; // it becomes 2 before the first one comes back
                first.update(state -> "idle");
                return meanwhile;
            }

            @Override
            public boolean isFrozen() {
                return false;
            }
        };
        assertThat(new StatePublisher.Pair<>(first, second, List::of).get()).isEqualTo(List.of("idle", 2));
    }

    /** The second follows the first, so at every moment it is the same or one behind. */
    @Test
    void no_combination_is_given_whose_states_never_met() throws Exception {
        int last = 50_000;
        var ahead = new Counter(dispatcher, bus);
        var behind = new Counter(dispatcher, bus);
        record Pair(int ahead, int behind) {}
        var seen = new ConcurrentLinkedQueue<Pair>();
        ahead.combine(behind, Pair::new).subscribe(new EachValue<>(seen::add));
        behind.combine(ahead, (second, first) -> new Pair(first, second)).subscribe(new EachValue<>(pair -> {
            if (pair.ahead() - pair.behind() < 0 || pair.ahead() - pair.behind() > 1) seen.add(pair);
        }));
        var writer = Thread.ofPlatform().start(() -> {
            for (int i = 1; i <= last; i++) {
                ahead.set(i);
                behind.set(i);
            }
        });
        writer.join();
        TestWork.until(() -> seen.contains(new Pair(last, last)), "the last one is missing");
        var before = new Pair(0, 0);
        for (Pair pair : seen) {
            assertThat(pair.ahead() - pair.behind()).isBetween(0, 1);
            assertThat(pair.ahead()).isGreaterThanOrEqualTo(before.ahead());
            assertThat(pair.behind()).isGreaterThanOrEqualTo(before.behind());
            before = pair;
        }
        ahead.close();
        behind.close();
    }
}
