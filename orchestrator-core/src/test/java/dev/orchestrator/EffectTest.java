package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each effect is taken once, in order, and kept while nobody takes it. */
class EffectTest {
    private sealed interface Effect {}

    private record Show(int number) implements Effect {}

    private record Sound(int number) implements Effect {}

    private static final class Desk extends BaseOrchestrator<Integer> {
        Desk(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(0, dispatcher, bus, lane);
        }

        Desk(Dispatcher dispatcher, SignalBus bus, ManualLane lane, OverflowRule rule) {
            this(dispatcher, bus, lane);
            keepEffects(rule);
        }

        Desk(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        void make(Object effect) {
            effect(effect);
        }

        void show(int from, int to) {
            for (int i = from; i <= to; i++) effect(new Show(i));
        }

        void setAndShow(int number) {
            onLane(() -> {
                effect(new Show(number));
                emit(number);
            });
        }

        void setAndShowHere(int number) {
            emit(number);
            effect(new Show(number));
        }

        void later(Runnable task) {
            onLane(task);
        }

        void keepLate() {
            keepEffects(OverflowRule.fail(1));
        }
    }

    private final List<Throwable> errors = new ArrayList<>();
    private final SignalBus bus = SignalBus.builder()
            .errorHandler((error, handler, event) -> errors.add(error))
            .build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();
    private final Desk desk = new Desk(dispatcher, bus, lane);

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private static List<Object> shown(int from, int to) {
        return IntStream.rangeClosed(from, to).<Object>mapToObj(Show::new).toList();
    }

    private <E> FlowReader<E> taking(Desk of, Class<E> type, long count) {
        var taker = new FlowReader<E>(count);
        of.effects(type).subscribe(taker);
        lane.runAll();
        return taker;
    }

    // ---- keeping ----

    @Test
    void what_nobody_takes_waits_for_the_first_who_does() {
        desk.show(1, 3);
        lane.runAll();
        var taker = taking(desk, Object.class, Long.MAX_VALUE);
        assertThat(taker.seen).isEqualTo(shown(1, 3));
        assertThat(taking(desk, Object.class, Long.MAX_VALUE).seen).isEmpty();
    }

    @Test
    void a_screen_that_is_turned_loses_and_repeats_none() {
        var first = taking(desk, Object.class, Long.MAX_VALUE);
        desk.show(1, 2);
        lane.runAll();
        first.cancel();
        desk.show(3, 4);
        lane.runAll();
        var second = taking(desk, Object.class, Long.MAX_VALUE);
        desk.show(5, 5);
        lane.runAll();
        assertThat(first.seen).isEqualTo(shown(1, 2));
        assertThat(second.seen).isEqualTo(shown(3, 5));
    }

    @Test
    void a_subscriber_takes_as_many_as_it_asks_for() {
        desk.show(1, 4);
        var taker = taking(desk, Object.class, 2);
        assertThat(taker.seen).isEqualTo(shown(1, 2));
        taker.request(1);
        lane.runAll();
        assertThat(taker.seen).isEqualTo(shown(1, 3));
    }

    @Test
    void of_two_that_ask_the_later_one_takes() {
        var first = taking(desk, Object.class, Long.MAX_VALUE);
        var second = taking(desk, Object.class, 1);
        desk.show(1, 3);
        lane.runAll();
        assertThat(second.seen).isEqualTo(shown(1, 1));
        assertThat(first.seen).isEqualTo(shown(2, 3));
    }

    @Test
    void a_type_is_taken_by_whoever_wants_it_and_the_others_wait() {
        desk.make(new Show(1));
        desk.make(new Sound(2));
        desk.make(new Show(3));
        var sounds = new ArrayList<Sound>();
        desk.onEffect(Sound.class, sounds::add);
        lane.runAll();
        assertThat(sounds).containsExactly(new Sound(2));
        assertThat(taking(desk, Effect.class, Long.MAX_VALUE).seen).containsExactly(new Show(1), new Show(3));
    }

    @Test
    void a_handler_takes_until_its_subscription_is_closed() {
        var taken = new ArrayList<Object>();
        var subscription = desk.onEffect(Object.class, taken::add);
        desk.show(1, 1);
        lane.runAll();
        subscription.close();
        desk.show(2, 2);
        lane.runAll();
        assertThat(taken).isEqualTo(shown(1, 1));
    }

    @Test
    void a_taker_that_throws_goes_on_and_the_others_are_not_disturbed() {
        var taken = new ArrayList<Object>();
        desk.onEffect(Object.class, effect -> {
            taken.add(effect);
            throw new IllegalStateException("broken screen");
        });
        desk.show(1, 2);
        lane.runAll();
        assertThat(taken).isEqualTo(shown(1, 2));
        assertThat(errors).hasSize(2).allSatisfy(error -> assertThat(error).hasMessage("broken screen"));
    }

    @Test
    void the_state_that_a_handler_sets_is_shown_before_its_effect() {
        var seen = new ArrayList<Object>();
        desk.onState(seen::add);
        desk.onEffect(Object.class, seen::add);
        lane.runAll();
        desk.setAndShow(7);
        lane.runAll();
        assertThat(seen).containsExactly(0, 7, new Show(7));
    }

    @Test
    void so_is_the_state_that_a_taker_sets_although_others_wait() {
        var seen = new ArrayList<Object>();
        desk.onState(seen::add);
        desk.make(new Sound(0)); // which nobody takes
        desk.onEffect(Show.class, show -> {
            seen.add(show);
            if (show.number() == 1) desk.setAndShowHere(2);
        });
        desk.show(1, 1);
        lane.runAll();
        assertThat(seen).containsExactly(0, new Show(1), 2, new Show(2));
    }

    @Test
    void an_effect_that_an_effect_leads_to_comes_after_it() {
        var seen = new ArrayList<Object>();
        desk.onEffect(Show.class, show -> {
            seen.add(show);
            if (show.number() < 3) desk.make(new Show(show.number() + 1));
        });
        desk.show(1, 1);
        lane.runAll();
        assertThat(seen).isEqualTo(shown(1, 3));
    }

    @Test
    void a_circle_of_effects_does_not_hold_up_the_handlers() {
        var taken = new ArrayList<Show>();
        var stopped = new AtomicBoolean();
        desk.onEffect(Show.class, show -> {
            taken.add(show);
            if (!stopped.get() && taken.size() < 10_000) desk.make(new Show(show.number() + 1));
        });
        desk.show(1, 1);
        desk.later(() -> stopped.set(true));
        lane.runAll();
        assertThat(taken).hasSizeLessThan(100);
    }

    // ---- the bound ----

    @Test
    void beyond_a_thousand_the_oldest_is_dropped_and_that_is_told_once() {
        desk.show(1, 1_030);
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessageContaining("1024 effects of orchestrator Desk")
                        .hasMessageContaining("dropped"));
        assertThat(taking(desk, Object.class, Long.MAX_VALUE).seen).isEqualTo(shown(7, 1_030));
        desk.show(1, 1_024);
        lane.runAll();
        assertThat(errors).hasSize(1);
    }

    @Test
    void with_fail_the_new_one_is_refused_and_the_kept_ones_stay() {
        var strict = new Desk(dispatcher, bus, lane, OverflowRule.fail(2));
        strict.show(1, 2);
        assertThatThrownBy(() -> strict.make(new Show(3)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("2 effects of orchestrator Desk wait")
                .hasMessageContaining("onEffect");
        assertThat(taking(strict, Object.class, Long.MAX_VALUE).seen).isEqualTo(shown(1, 2));
        strict.show(3, 3);
    }

    @Test
    void with_keep_latest_only_the_newest_waits() {
        var latest = new Desk(dispatcher, bus, lane, OverflowRule.keepLatest());
        latest.show(1, 5);
        assertThat(taking(latest, Object.class, Long.MAX_VALUE).seen).isEqualTo(shown(5, 5));
    }

    @Test
    void a_rule_that_would_make_handlers_wait_is_refused() {
        assertThatThrownBy(() -> new Desk(dispatcher, bus, lane, OverflowRule.block(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("block(5)");
    }

    @Test
    void the_rule_is_chosen_in_the_constructor() {
        desk.start();
        assertThatThrownBy(desk::keepLate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in the constructor");
    }

    @Test
    @SuppressWarnings("NullAway")
    void null_is_refused() {
        assertThatThrownBy(() -> desk.make(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("effect");
    }

    // ---- closing ----

    @Test
    void what_is_kept_is_taken_after_the_closing_then_it_is_over() {
        desk.show(1, 2);
        desk.close();
        desk.show(3, 3);
        var taker = taking(desk, Object.class, 1);
        assertThat(taker.seen).isEqualTo(shown(1, 1));
        assertThat(taker.completed).isFalse();
        taker.request(1);
        lane.runAll();
        assertThat(taker.seen).isEqualTo(shown(1, 2));
        assertThat(taker.completed).isTrue();
        assertThat(taking(desk, Object.class, 0).completed).isTrue();
    }

    @Test
    void one_that_never_had_an_effect_completes_too() {
        desk.close();
        desk.show(1, 1);
        var taker = taking(desk, Object.class, 1);
        assertThat(taker.seen).isEmpty();
        assertThat(taker.completed).isTrue();
    }

    // ---- threads ----

    @Test
    void each_of_many_is_taken_once_while_takers_come_and_go() throws Exception {
        var busy = new Desk(dispatcher, bus);
        int makers = 4;
        int each = 2_000;
        var taken = new ConcurrentLinkedQueue<Object>();
        var making = new ArrayList<Thread>();
        // At most so many at once as are kept: each waits for its own to be taken.
        for (int m = 0; m < makers; m++) {
            int from = m * each;
            making.add(Thread.ofPlatform().start(() -> {
                for (int i = from; i < from + each; i++) {
                    var mine = new Show(i);
                    busy.make(mine);
                    if (i % 100 == 99) TestWork.until(() -> taken.contains(mine), "it was not taken");
                }
            }));
        }
        // A taker that is replaced within its own call, on the lane, can neither lose nor repeat one.
        class Turning implements Flow.Subscriber<Object> {
            private Flow.@Nullable Subscription mine;

            @Override
            public void onSubscribe(Flow.Subscription given) {
                mine = given;
                given.request(3);
            }

            @Override
            public void onNext(Object effect) {
                taken.add(effect);
                if (taken.size() % 3 != 0) return;
                if (mine != null) mine.cancel();
                busy.effects().subscribe(new Turning());
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onComplete() {}
        }
        busy.effects().subscribe(new Turning());
        for (Thread thread : making) thread.join();
        TestWork.until(() -> taken.size() == makers * each, "not all were taken");
        assertThat(taken).doesNotHaveDuplicates();
        assertThat(errors).isEmpty();
        busy.close();
    }
}
