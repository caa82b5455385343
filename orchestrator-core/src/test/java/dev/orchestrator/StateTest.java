package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P6: the state is the latest for everybody, and its subscribers may skip states but never miss the last. */
class StateTest {
    /** Equal to every other one of the same number, and not the same object. */
    private record Score(int points) {}

    private static final class Game extends BaseOrchestrator<Score> {
        Game(Score initial, Dispatcher dispatcher, SignalBus bus) {
            super(initial, dispatcher, bus);
        }

        Game(Score initial, Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(initial, dispatcher, bus, lane);
        }

        void set(int points) {
            emit(new Score(points));
        }

        void setNothing() {
            emit(nothing());
        }

        void add() {
            update(score -> new Score(score.points() + 1));
        }

        void change(UnaryOperator<Score> change) {
            update(change);
        }

        void later(Runnable task) {
            onLane(task);
        }
    }

    /** A subscriber that asks when the test says so, and keeps what it gets. */
    private static final class Reader implements Flow.Subscriber<Score> {
        final List<Integer> seen = new CopyOnWriteArrayList<>();
        final AtomicInteger completions = new AtomicInteger();
        final CountDownLatch over = new CountDownLatch(1);
        volatile @Nullable Throwable error;
        private final long atOnce;
        private volatile Flow.@Nullable Subscription subscription;

        Reader(long atOnce) {
            this.atOnce = atOnce;
        }

        static Reader ofEverything() {
            return new Reader(Long.MAX_VALUE);
        }

        Flow.Subscription subscription() {
            var known = subscription;
            if (known == null) throw new AssertionError("not subscribed");
            return known;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (atOnce > 0) given.request(atOnce);
        }

        @Override
        public void onNext(Score score) {
            seen.add(score.points());
        }

        @Override
        public void onError(Throwable thrown) {
            error = thrown;
            over.countDown();
        }

        @Override
        public void onComplete() {
            completions.incrementAndGet();
            over.countDown();
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();
    private final Game game = new Game(new Score(0), dispatcher, bus, lane);

    @AfterEach
    void closeAll() {
        game.close();
        dispatcher.close();
        bus.close();
    }

    private Reader subscribed(Reader reader) {
        game.states().subscribe(reader);
        return reader;
    }

    /** Null where the compiler expects a value: what a careless caller hands over. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return (T) null;
    }

    // ---- the current state ----

    @Test
    void the_state_is_the_initial_one_before_any_change() {
        assertThat(game.state()).isEqualTo(new Score(0));
    }

    @Test
    void the_state_is_there_when_the_change_returns_though_no_turn_has_run() {
        game.set(1);
        game.add();
        assertThat(game.state()).isEqualTo(new Score(2));
    }

    @Test
    void reading_the_state_does_not_wait_for_an_update_that_is_just_computing() throws Exception {
        var computing = new Gate();
        var updating =
                Thread.ofVirtual().start(() -> game.change(score -> computing.passUninterruptibly(new Score(1))));
        computing.awaitArrival();
        assertThat(game.state()).isEqualTo(new Score(0));
        computing.open();
        updating.join();
        assertThat(game.state()).isEqualTo(new Score(1));
    }

    @Test
    void reading_the_state_does_not_wait_for_a_handler_or_a_subscriber() throws Exception {
        var handling = new Gate();
        var reading = new Gate();
        game.onState(score -> reading.passUninterruptibly(score));
        game.later(() -> handling.passUninterruptibly(""));
        var running = Thread.ofVirtual().start(lane::runAll);
        reading.awaitArrival();
        assertThat(game.state()).isEqualTo(new Score(0));
        reading.open();
        handling.awaitArrival();
        assertThat(game.state()).isEqualTo(new Score(0));
        handling.open();
        running.join();
    }

    // ---- changes ----

    @Test
    void no_update_of_any_thread_is_lost() throws Exception {
        int threads = 8;
        int each = 5_000;
        var together = new CyclicBarrier(threads);
        var running = new ArrayList<Thread>();
        for (int t = 0; t < threads; t++) {
            running.add(Thread.ofPlatform().start(() -> {
                met(together);
                for (int i = 0; i < each; i++) game.add();
            }));
        }
        for (Thread thread : running) thread.join();
        assertThat(game.state()).isEqualTo(new Score(threads * each));
    }

    @Test
    void an_update_that_was_overtaken_is_computed_again_from_the_newer_state() {
        var seen = new ArrayList<Integer>();
        game.change(score -> {
            seen.add(score.points());
            if (seen.size() == 1) game.set(10); // somebody is faster
            return new Score(score.points() + 1);
        });
        assertThat(seen).containsExactly(0, 10);
        assertThat(game.state()).isEqualTo(new Score(11));
    }

    @Test
    void what_the_function_throws_is_thrown_to_the_caller_and_changes_nothing() {
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        var mistake = new IllegalArgumentException("mistake");
        assertThatThrownBy(() -> game.change(score -> {
                    throw mistake;
                }))
                .isSameAs(mistake);
        lane.runAll();
        assertThat(game.state()).isEqualTo(new Score(0));
        assertThat(reader.seen).containsExactly(0);
    }

    @Test
    void a_null_state_is_refused_with_a_reason() {
        ThrowingCallable initial = () -> new Game(nothing(), dispatcher, bus);
        assertThatThrownBy(initial)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the initial state must not be null");
        assertThatThrownBy(game::setNothing)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the new state must not be null");
        assertThatThrownBy(() -> game.change(score -> nothing()))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("the new state must not be null");
        assertThatThrownBy(() -> game.change(nothing())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> game.onState(nothing())).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> game.states().subscribe(nothing())).isInstanceOf(NullPointerException.class);
        assertThat(game.state()).isEqualTo(new Score(0));
    }

    // ---- subscribers ----

    @Test
    void a_subscriber_gets_the_current_state_and_then_the_later_ones_in_order() {
        game.set(5);
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        for (int points = 6; points < 9; points++) {
            game.set(points);
            lane.runAll();
        }
        assertThat(reader.seen).containsExactly(5, 6, 7, 8);
    }

    @Test
    void a_handler_gets_the_current_state_and_then_the_later_ones_until_it_is_closed() {
        var seen = new ArrayList<Integer>();
        Subscription subscription = game.onState(score -> seen.add(score.points()));
        lane.runAll();
        game.set(1);
        lane.runAll();
        subscription.close();
        subscription.close();
        game.set(2);
        lane.runAll();
        assertThat(seen).containsExactly(0, 1);
    }

    @Test
    void a_subscriber_that_does_not_ask_gets_nothing() {
        var reader = subscribed(new Reader(0));
        game.set(1);
        lane.runAll();
        assertThat(reader.seen).isEmpty();
    }

    @Test
    void a_slow_subscriber_skips_states_and_gets_the_last_when_it_asks() {
        var reader = subscribed(new Reader(1));
        lane.runAll();
        for (int points = 1; points <= 100; points++) {
            game.set(points);
            lane.runAll();
        }
        assertThat(reader.seen).containsExactly(0);
        reader.subscription().request(1);
        lane.runAll();
        assertThat(reader.seen).containsExactly(0, 100);
    }

    @Test
    void a_slow_subscriber_holds_up_nobody_else() {
        subscribed(new Reader(0));
        var fast = subscribed(Reader.ofEverything());
        lane.runAll();
        game.set(1);
        lane.runAll();
        assertThat(fast.seen).containsExactly(0, 1);
    }

    @Test
    void a_subscriber_that_asks_ahead_gets_each_change_without_asking_again() {
        var reader = subscribed(new Reader(3));
        for (int points = 0; points < 5; points++) {
            game.set(points);
            lane.runAll();
        }
        assertThat(reader.seen).containsExactly(0, 1, 2);
    }

    @Test
    void setting_an_equal_state_is_no_change() {
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        Score before = game.state();
        game.set(0);
        game.change(score -> new Score(score.points()));
        lane.runAll();
        assertThat(reader.seen).containsExactly(0);
        assertThat(game.state()).isSameAs(before);
    }

    @Test
    void nobody_gets_two_equal_states_in_a_row_also_when_it_skipped_what_was_between() {
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        game.set(1);
        game.set(0);
        lane.runAll();
        assertThat(reader.seen).containsExactly(0);
        game.set(2);
        lane.runAll();
        assertThat(reader.seen).containsExactly(0, 2);
    }

    @Test
    void demand_is_not_used_up_by_a_state_that_is_not_given() {
        var reader = subscribed(new Reader(2));
        lane.runAll();
        game.set(1);
        game.set(0);
        lane.runAll();
        game.set(7);
        lane.runAll();
        assertThat(reader.seen).containsExactly(0, 7);
    }

    @Test
    void a_subscriber_that_throws_stays_subscribed_and_harms_nobody() throws Exception {
        var seen = new ArrayList<Integer>();
        game.onState(score -> {
            seen.add(score.points());
            throw new IllegalStateException("a subscriber's mistake");
        });
        var other = subscribed(Reader.ofEverything());
        try (var log = new CapturedLog()) {
            lane.runAll();
            game.set(1);
            lane.runAll();
            assertThat(log.lines()).hasSize(2);
        }
        assertThat(seen).containsExactly(0, 1);
        assertThat(other.seen).containsExactly(0, 1);
    }

    @Test
    void a_subscriber_that_cancels_gets_nothing_more_not_even_the_completion() {
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        reader.subscription().cancel();
        game.set(1);
        game.close();
        lane.runAll();
        assertThat(reader.seen).containsExactly(0);
        assertThat(reader.completions).hasValue(0);
    }

    @Test
    void asking_for_none_ends_the_subscription_with_a_reason() {
        var reader = subscribed(new Reader(0));
        reader.subscription().request(0);
        lane.runAll();
        assertThat(reader.error)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("request(0)")
                .hasMessageContaining("3.9");
    }

    @Test
    void subscribers_are_called_on_the_lane() {
        var threads = new ArrayList<Thread>();
        game.onState(score -> threads.add(Thread.currentThread()));
        assertThat(threads).isEmpty();
        lane.runAll();
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void whoever_changes_the_state_inside_a_subscriber_sees_both_states_in_order() {
        var seen = new ArrayList<Integer>();
        game.onState(score -> {
            seen.add(score.points());
            if (score.points() < 3) game.add();
        });
        lane.runAll();
        assertThat(seen).containsExactly(0, 1, 2, 3);
    }

    @Test
    void the_last_state_reaches_everybody_however_fast_the_changes_are() throws Exception {
        try (var real = new Game(new Score(0), dispatcher, bus)) {
            int threads = 4;
            int each = 20_000;
            var last = new CountDownLatch(2);
            var seen = new CopyOnWriteArrayList<Integer>();
            for (int i = 0; i < 2; i++) {
                real.onState(score -> {
                    if (score.points() == threads * each) last.countDown();
                });
            }
            real.onState(score -> {
                if (score.points() % 100 == 0) seen.add(score.points());
            });
            var together = new CyclicBarrier(threads);
            for (int t = 0; t < threads; t++) {
                Thread.ofPlatform().start(() -> {
                    met(together);
                    for (int i = 0; i < each; i++) real.add();
                });
            }
            Gate.await(last, "somebody missed the last state");
            assertThat(seen).isSorted().doesNotHaveDuplicates();
        }
    }

    // ---- after closing ----

    @Test
    void after_close_a_subscriber_gets_the_last_state_when_it_asks_and_then_the_completion() {
        var reader = subscribed(new Reader(0));
        game.set(1);
        game.set(2);
        game.close();
        lane.runAll();
        assertThat(reader.seen).isEmpty();
        assertThat(reader.completions).hasValue(0);
        reader.subscription().request(1);
        lane.runAll();
        assertThat(reader.seen).containsExactly(2);
        assertThat(reader.completions).hasValue(1);
    }

    @Test
    void after_close_a_subscriber_that_has_the_last_state_gets_the_completion_without_asking() {
        var reader = subscribed(new Reader(1));
        lane.runAll();
        game.close();
        lane.runAll();
        assertThat(reader.seen).containsExactly(0);
        assertThat(reader.completions).hasValue(1);
    }

    @Test
    void whoever_subscribes_after_close_gets_the_last_state_and_the_completion() {
        game.set(3);
        game.close();
        var slow = subscribed(new Reader(0));
        var fast = subscribed(Reader.ofEverything());
        var seen = new ArrayList<Integer>();
        game.onState(score -> seen.add(score.points()));
        lane.runAll();
        slow.subscription().request(1);
        lane.runAll();
        assertThat(fast.seen).containsExactly(3);
        assertThat(fast.completions).hasValue(1);
        assertThat(slow.seen).containsExactly(3);
        assertThat(slow.completions).hasValue(1);
        assertThat(seen).containsExactly(3);
    }

    @Test
    void the_state_methods_of_a_closed_one_do_nothing() {
        game.set(1);
        var reader = subscribed(Reader.ofEverything());
        game.close();
        game.set(2);
        game.add();
        game.change(score -> {
            throw new AssertionError("nothing is computed any more");
        });
        game.later(() -> {
            throw new AssertionError("no task runs any more");
        });
        game.close();
        lane.runAll();
        assertThat(game.state()).isEqualTo(new Score(1));
        assertThat(reader.seen).containsExactly(1);
        assertThat(reader.completions).hasValue(1);
    }

    @Test
    void an_update_that_is_computing_when_it_is_closed_changes_nothing() throws Exception {
        var computing = new Gate();
        var reader = subscribed(Reader.ofEverything());
        lane.runAll();
        var updating =
                Thread.ofVirtual().start(() -> game.change(score -> computing.passUninterruptibly(new Score(1))));
        computing.awaitArrival();
        game.close();
        lane.runAll();
        computing.open();
        updating.join();
        lane.runAll();
        assertThat(game.state()).isEqualTo(new Score(0));
        assertThat(reader.seen).containsExactly(0);
    }

    @Test
    void closing_inside_a_state_subscriber_completes_everybody() {
        var last = subscribed(Reader.ofEverything());
        game.onState(score -> {
            if (score.points() == 1) game.close();
        });
        lane.runAll();
        game.set(1);
        lane.runAll();
        assertThat(last.seen).containsExactly(0, 1);
        assertThat(last.completions).hasValue(1);
    }

    @Test
    void whoever_changes_while_another_closes_the_final_state_is_the_last_that_everybody_gets() throws Exception {
        for (int round = 0; round < 500; round++) {
            var real = new Game(new Score(0), dispatcher, bus);
            var early = Reader.ofEverything();
            var late = Reader.ofEverything();
            real.states().subscribe(early);
            var together = new CyclicBarrier(4);
            var running = List.of(
                    racing(together, () -> addSome(real)),
                    racing(together, () -> addSome(real)),
                    racing(together, real::close),
                    racing(together, () -> real.states().subscribe(late)));
            for (Thread thread : running) thread.join();
            int last = real.state().points();
            for (Reader reader : List.of(early, late)) {
                Gate.await(reader.over, "a subscriber was never completed");
                assertThat(reader.seen).endsWith(last).isSorted().doesNotHaveDuplicates();
                assertThat(reader.completions).hasValue(1);
            }
            assertThat(real.state().points()).isEqualTo(last);
        }
    }

    private static void addSome(Game game) {
        for (int i = 0; i < 50; i++) game.add();
    }

    private static Thread racing(CyclicBarrier together, Runnable task) {
        return Thread.ofPlatform().start(() -> {
            met(together);
            task.run();
        });
    }

    private static void met(CyclicBarrier together) {
        try {
            together.await();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }
}
