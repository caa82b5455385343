package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.StillWorld.Store;
import dev.orchestrator.TestWork.Happened;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** "Refetch on an interval (not while the last one runs), on an event, on demand; all stop with their orchestrator." */
class RefetchTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Fetches 1, 2, 3 and so on, when the test has declared. */
    private static final class Reader extends BaseOrchestrator<String> {
        final Refetch refetch;
        int fetched;

        Reader(StillWorld world, ManualLane lane, BiFunction<Reader, Refetch, Refetch> declaring) {
            super("", world.dispatcher, world.bus, lane);
            refetch = declaring.apply(this, refetch(this::next));
            on(Load.class).success((job, value) -> emit(value)).failure((job, error) -> {});
            on(Store.class).failure((job, error) -> {});
        }

        private Load next() {
            return new Load(++fetched);
        }

        Refetch another(Supplier<? extends Job<?>> job, JobOptions options) {
            return refetch(job, options);
        }

        void say(int number) {
            signal(new Happened(number));
        }
    }

    private final StillWorld world = new StillWorld();
    private final ManualLane lane = new ManualLane();

    private Reader reader(BiFunction<Reader, Refetch, Refetch> declaring) {
        return new Reader(world, lane, declaring);
    }

    private Reader everyMinute() {
        var reader = reader((it, refetch) -> refetch.every(MINUTE));
        reader.start();
        settle();
        return reader;
    }

    private Reader onHappened() {
        var reader = reader((it, refetch) -> refetch.on(Happened.class));
        reader.start();
        settle();
        return reader;
    }

    private void settle() {
        for (int i = 0; i < 3; i++) {
            world.settle();
            lane.runAll();
        }
        world.settle();
    }

    private void pass(Duration duration) {
        world.pass(duration);
        settle();
    }

    private void letGo(int number) {
        world.letGo(number);
        settle();
    }

    private void happen(int number) {
        world.bus.emit(new Happened(number));
        settle();
    }

    // ---- at an interval ----

    @Test
    void it_fetches_whenever_the_interval_is_over() {
        var reader = everyMinute();
        assertThat(world.begun).isEmpty();
        pass(MINUTE.minusNanos(1));
        assertThat(world.begun).isEmpty();
        pass(Duration.ofNanos(1));
        assertThat(world.begun).containsExactly(1);
        letGo(1);
        assertThat(reader.state()).isEqualTo("done 1");
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1, 2);
        reader.close();
    }

    @Test
    void an_interval_that_is_over_while_the_last_one_runs_is_skipped() {
        var reader = everyMinute();
        pass(MINUTE);
        pass(MINUTE);
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1);
        letGo(1);
        assertThat(world.begun).containsExactly(1);
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1, 2);
        reader.close();
    }

    @Test
    void a_lane_that_is_held_up_gets_one_of_many_intervals() {
        var reader = everyMinute();
        for (int i = 0; i < 5; i++) world.pass(MINUTE);
        settle();
        letGo(1);
        assertThat(world.begun).containsExactly(1);
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1, 2);
        reader.close();
    }

    @Test
    void the_time_counts_from_the_beginning_and_nothing_runs_before() throws Exception {
        var reader = reader((it, refetch) -> refetch.every(MINUTE));
        try (var log = new CapturedLog()) {
            pass(MINUTE);
            pass(MINUTE);
            assertThat(world.begun).isEmpty();
            assertThat(log.warnings()).singleElement().asString().contains("Call start()");
        }
        reader.start();
        settle();
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1);
        reader.close();
    }

    @Test
    void the_last_interval_that_was_declared_counts() {
        var reader = reader((it, refetch) -> refetch.every(Duration.ofHours(1)).every(MINUTE));
        reader.start();
        settle();
        assertThat(world.time.pending()).isEqualTo(1);
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1);
        reader.close();
    }

    @Test
    void a_run_that_fails_is_over_too() {
        try (var reader = everyMinute()) {
            pass(MINUTE);
            world.letFail(1, new IOException("no line"));
            settle();
            pass(MINUTE);
            reader.cancelAll();
            settle();
            pass(MINUTE);
            assertThat(world.begun).containsExactly(1, 2, 3);
        }
    }

    // ---- at events ----

    @Test
    void it_fetches_at_an_event_that_anybody_emits() {
        var reader = onHappened();
        happen(1);
        assertThat(world.begun).containsExactly(1);
        letGo(1);
        reader.say(2);
        settle();
        assertThat(world.begun).containsExactly(1, 2);
    }

    @Test
    void an_event_of_a_job_of_its_own_is_an_occasion_and_one_of_its_own_run_is_none() {
        var reader = onHappened();
        reader.dispatch(new Store(101));
        settle();
        world.context(101).emit(new Happened(1));
        settle();
        assertThat(reader.fetched).isEqualTo(1);
        world.context(1).emit(new Happened(2));
        letGo(1);
        assertThat(reader.fetched).isEqualTo(1);
    }

    @Test
    void events_while_it_runs_ask_for_one_more_run_after_it() {
        onHappened();
        for (int i = 0; i < 10; i++) happen(i);
        assertThat(world.begun).containsExactly(1);
        letGo(1);
        assertThat(world.begun).containsExactly(1, 2);
        letGo(2);
        assertThat(world.begun).containsExactly(1, 2);
    }

    @Test
    void the_run_after_it_comes_though_it_fails() {
        onHappened();
        happen(1);
        happen(2);
        world.letFail(1, new IOException("no line"));
        settle();
        assertThat(world.begun).containsExactly(1, 2);
    }

    @Test
    void it_fetches_when_a_job_has_succeeded_its_own_or_another_s() {
        var reader = reader((it, refetch) -> refetch.onSuccess(Store.class));
        reader.dispatch(new Store(101));
        reader.dispatch(new Store(102));
        settle();
        world.letFail(102, new IOException("no line"));
        settle();
        assertThat(reader.fetched).isZero();
        letGo(101);
        assertThat(reader.fetched).isEqualTo(1);
        letGo(1);
        world.store(103, JobOptions.none());
        letGo(103);
        assertThat(reader.fetched).isEqualTo(2);
    }

    @Test
    void its_own_success_is_no_occasion_and_that_of_another_job_of_the_type_is() {
        var reader = reader((it, refetch) -> refetch.onSuccess(Load.class));
        reader.dispatch(new Load(100));
        settle();
        letGo(100);
        assertThat(reader.fetched).isEqualTo(1);
        letGo(1);
        assertThat(reader.fetched).isEqualTo(1);
    }

    // ---- on demand ----

    @Test
    void it_fetches_now() {
        var reader = reader((it, refetch) -> refetch);
        reader.refetch.now();
        settle();
        assertThat(world.begun).containsExactly(1);
        reader.refetch.now();
        reader.refetch.now();
        settle();
        letGo(1);
        assertThat(world.begun).containsExactly(1, 2);
    }

    @Test
    void any_number_of_calls_before_the_lane_gets_to_it_are_one() {
        var reader = reader((it, refetch) -> refetch);
        for (int i = 0; i < 100; i++) reader.refetch.now();
        settle();
        letGo(1);
        assertThat(world.begun).containsExactly(1);
    }

    @Test
    void a_call_in_the_constructor_takes_effect_when_it_begins() {
        var reader = reader((it, refetch) -> {
            refetch.now();
            return refetch;
        });
        settle();
        assertThat(world.begun).isEmpty();
        reader.start();
        settle();
        assertThat(world.begun).containsExactly(1);
    }

    @Test
    void a_handler_of_its_ending_that_asks_gets_one_more() {
        final class Pages extends BaseOrchestrator<Integer> {
            private final Refetch pages = refetch(() -> new Load(state()));

            Pages() {
                super(1, world.dispatcher, world.bus, lane);
                on(Load.class).success((job, value) -> {
                    assertThat(hasActiveJobs()).isFalse(); // P2: the next one comes after all handlers
                    if (job.number() == 3) return;
                    emit(job.number() + 1);
                    pages.now();
                });
            }
        }
        var pages = new Pages();
        pages.pages.now();
        for (int page = 1; page <= 3; page++) {
            settle();
            letGo(page);
        }
        assertThat(world.begun).containsExactly(1, 2, 3);
        assertThat(pages.hasActiveJobs()).isFalse();
    }

    @Test
    void an_idle_orchestrator_has_fetched_what_was_asked_for() throws Exception {
        var bus = SignalBus.scoped();
        try (var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Load.class, (job, context) -> "done " + job.number());
            final class Real extends BaseOrchestrator<String> {
                private final Refetch refetch = refetch(() -> new Load(7));

                Real() {
                    super("", dispatcher, bus);
                    on(Load.class).success((job, value) -> emit(value));
                }
            }
            var real = new Real();
            Together.onThreads(4, thread -> {
                for (int i = 0; i < 200; i++) real.refetch.now();
            });
            real.awaitIdle(TestWork.LIMIT);
            assertThat(real.state()).isEqualTo("done 7");
            assertThat(real.countFollowed()).isZero();
            real.close();
        }
        bus.close();
    }

    // ---- what goes wrong ----

    @Test
    void a_supplier_that_throws_is_told_and_the_next_interval_comes() throws Exception {
        var suppliers = new ArrayList<Supplier<Load>>(List.of(
                () -> {
                    throw new IllegalStateException("on purpose");
                },
                () -> null,
                () -> new Load(3)));
        final class Odd extends BaseOrchestrator<String> {
            Odd() {
                super("", world.dispatcher, world.bus, lane);
                refetch(() -> suppliers.removeFirst().get()).every(MINUTE);
            }
        }
        try (var log = new CapturedLog();
                var odd = new Odd()) {
            odd.start();
            settle();
            for (int i = 0; i < 3; i++) pass(MINUTE);
            assertThat(log.lines())
                    .filteredOn(line -> line.text().contains("a refetch of orchestrator Odd threw"))
                    .hasSize(2);
            assertThat(world.begun).containsExactly(3);
        }
    }

    @Test
    void a_refusal_is_told_and_the_next_interval_comes() {
        var told = new ArrayList<String>();
        var bus = SignalBus.builder()
                .time(world.time)
                .threads(world.threads)
                .errorHandler((error, handler, event) ->
                        told.add(error.getClass().getSimpleName() + " by " + handler + " at " + event))
                .build();
        try (var log = new CapturedLog();
                var dispatcher = Dispatcher.create(bus)) {
            final class Early extends BaseOrchestrator<Integer> {
                Early() {
                    super(0, dispatcher, bus, lane);
                    refetch(() -> new Load(1)).every(MINUTE).on(Happened.class);
                    on(Load.class).success((job, value) -> update(count -> count + 1));
                }
            }
            var early = new Early();
            early.start();
            settle();
            pass(MINUTE);
            bus.emit(new Happened(2));
            settle();
            assertThat(told)
                    .containsExactly(
                            "ExecutorNotFoundException by a refetch of orchestrator Early at null",
                            "ExecutorNotFoundException by a refetch of orchestrator Early at " + new Happened(2));
            assertThat(log.lines()).hasSize(2);
            assertThat(early.countFollowed()).isZero();
            dispatcher.register(Load.class, (job, context) -> "done");
            pass(MINUTE);
            assertThat(early.state()).isEqualTo(1);
            early.close();
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void a_supplier_that_asks_again_and_throws_does_not_go_on_for_ever() throws Exception {
        final class Circular extends BaseOrchestrator<Integer> {
            private int calls;
            private boolean throwsNot;
            private final Refetch refetch = refetch(this::next);

            Circular() {
                super(0, world.dispatcher, world.bus, lane);
            }

            private Job<?> next() {
                calls++;
                if (throwsNot) return new Load(calls);
                refetch.now();
                throw new IllegalStateException("on purpose");
            }
        }
        try (var log = new CapturedLog()) {
            var circular = new Circular();
            circular.refetch.now();
            settle();
            assertThat(circular.calls).isEqualTo(1);
            assertThat(log.lines()).hasSize(1);
            circular.throwsNot = true;
            circular.refetch.now();
            settle();
            letGo(2);
            assertThat(circular.calls)
                    .as("what was asked for by the one that failed is forgotten")
                    .isEqualTo(2);
        }
    }

    @Test
    void a_supplier_that_closes_its_orchestrator_is_no_mistake() throws Exception {
        final class Last extends BaseOrchestrator<Integer> {
            private final Refetch refetch = refetch(() -> {
                close();
                return new Load(1);
            });

            Last() {
                super(0, world.dispatcher, world.bus, lane);
            }
        }
        try (var log = new CapturedLog()) {
            var last = new Last();
            last.refetch.now();
            settle();
            assertThat(world.begun).isEmpty();
            assertThat(log.lines()).isEmpty();
            assertThat(last.countFollowed()).isZero();
        }
    }

    @Test
    void events_that_keep_it_busy_are_no_circle() {
        var chains = new ArrayList<Chain>();
        var reader = onHappened();
        happen(0);
        for (int i = 1; i <= 20; i++) {
            happen(i);
            letGo(i);
            chains.add(world.bus.runs().all().iterator().next().chain());
        }
        assertThat(reader.fetched).isEqualTo(21);
        assertThat(chains).allSatisfy(chain -> assertThat(chain.depth).isEqualTo(1));
    }

    @Test
    void one_that_its_own_handlers_keep_busy_is_a_circle_and_is_broken() throws Exception {
        var told = new ArrayList<Throwable>();
        var bus = SignalBus.builder()
                .time(world.time)
                .threads(world.threads)
                .loopGuard(5, 10)
                .errorHandler((error, handler, event) -> told.add(error))
                .build();
        try (var log = new CapturedLog();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Load.class, (job, context) -> "done");
            final class Endless extends BaseOrchestrator<Integer> {
                private final Refetch refetch = refetch(() -> new Load(1));

                Endless() {
                    super(0, dispatcher, bus, lane);
                    on(Load.class).success((job, value) -> {
                        update(count -> count + 1);
                        refetch.now();
                    });
                }
            }
            var endless = new Endless();
            endless.refetch.now();
            for (int i = 0; i < 20; i++) settle();
            assertThat(endless.state()).isEqualTo(11);
            assertThat(told).singleElement().isInstanceOf(LoopDetectedException.class);
            assertThat(log.warnings()).hasSize(1);
            endless.close();
        }
    }

    // ---- declaring ----

    @Test
    void an_interval_is_longer_than_zero() {
        assertThatThrownBy(() -> reader((it, refetch) -> refetch.every(Duration.ZERO)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the interval of a refetch must be longer than zero, was PT0S");
        assertThatThrownBy(() -> reader((it, refetch) -> refetch.every(Duration.ofSeconds(-1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S");
    }

    @Test
    void nulls_are_refused() {
        assertThatThrownBy(() -> reader((it, refetch) -> refetch.every(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("interval");
        assertThatThrownBy(() -> reader((it, refetch) -> refetch.on(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("eventType");
        assertThatThrownBy(() -> reader((it, refetch) -> refetch.onSuccess(null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("jobType");
        assertThatThrownBy(() -> reader((it, refetch) -> it.another(null, JobOptions.none())))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("job");
        assertThatThrownBy(() -> reader((it, refetch) -> it.another(() -> new Load(1), null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("options");
    }

    @Test
    void it_is_declared_in_the_constructor() {
        var reader = everyMinute();
        assertThatThrownBy(() -> reader.another(() -> new Load(1), JobOptions.none()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in the constructor");
        assertThatThrownBy(() -> reader.refetch.every(MINUTE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> reader.refetch.on(Happened.class)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> reader.refetch.onSuccess(Store.class)).isInstanceOf(IllegalStateException.class);
        reader.close();
    }

    @Test
    void each_run_has_the_options() {
        var reader = reader((it, refetch) ->
                it.another(() -> new Load(1), JobOptions.builder().id("notes").build()));
        reader.refetch.now();
        settle();
        assertThat(reader.isRunning("notes")).isTrue();
        reader.refetch.now();
        settle();
        letGo(1);
        assertThat(reader.isRunning("notes")).isTrue();
        letGo(1);
        assertThat(reader.isRunning("notes")).isFalse();
    }

    // ---- its end ----

    @Test
    void all_of_it_stops_with_its_orchestrator() {
        var reader =
                reader((it, refetch) -> refetch.every(MINUTE).on(Happened.class).onSuccess(Store.class));
        reader.start();
        settle();
        happen(1);
        happen(2);
        assertThat(world.time.pending()).isEqualTo(1);
        reader.close();
        assertThat(world.time.pending()).isZero();
        assertThat(reader.countFollowed()).isZero();
        letGo(1);
        happen(3);
        reader.refetch.now();
        pass(MINUTE);
        assertThat(world.begun).containsExactly(1);
        assertThat(world.kept()).isZero();
    }

    @Test
    void one_that_is_closed_before_it_begins_leaves_no_timer() {
        var reader = reader((it, refetch) -> refetch.every(MINUTE));
        reader.close();
        settle();
        assertThat(world.time.pending()).isZero();
    }

    @Test
    void a_closing_while_the_timer_is_under_way_leaves_no_timer() {
        var reader = everyMinute();
        world.time.advance(MINUTE); // the next one waits, and the lane has not heard of this one
        reader.close();
        settle();
        assertThat(world.begun).isEmpty();
        assertThat(world.time.pending()).isZero();
    }

    @Test
    void a_closing_between_the_making_of_a_timer_and_its_keeping_leaves_none() {
        var open = new ArrayList<AutoCloseable>();
        var clock = new ClockAround(world.time) {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                Timer timer = super.schedule(delay, task);
                if (delay.equals(MINUTE)) open.forEach(RefetchTest::close);
                return timer;
            }
        };
        var bus = SignalBus.builder().time(clock).threads(world.threads).build();
        try (var dispatcher = Dispatcher.create(bus)) {
            final class Short extends BaseOrchestrator<Integer> {
                private final Refetch refetch = refetch(() -> new Load(1)).every(MINUTE);

                Short() {
                    super(0, dispatcher, bus, lane);
                }
            }
            var first = new Short();
            open.add(first.refetch);
            first.start();
            settle();
            assertThat(world.time.pending()).isZero();
            open.add(new Short());
            ((Short) open.getLast()).start();
            settle();
            assertThat(world.time.pending()).isZero();
            first.close();
        }
    }

    private static void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception never) {
            throw new AssertionError(never);
        }
    }

    @Test
    void it_stops_alone_too() {
        var reader = reader((it, refetch) -> {
            it.another(() -> new Load(100 + ++it.fetched), JobOptions.none()).on(Happened.class);
            return refetch.every(MINUTE).on(Happened.class);
        });
        reader.start();
        settle();
        reader.refetch.close();
        reader.refetch.close();
        assertThat(world.time.pending()).isZero();
        reader.refetch.now();
        pass(MINUTE);
        happen(1);
        assertThat(world.begun).containsExactly(101);
    }

    @Test
    void a_run_that_is_under_way_goes_on_and_has_none_after_it() {
        var reader = onHappened();
        happen(1);
        happen(2);
        reader.refetch.close();
        letGo(1);
        assertThat(reader.state()).isEqualTo("done 1");
        assertThat(world.begun).containsExactly(1);
    }

    @Test
    void a_closed_orchestrator_is_let_go() {
        MemoryTest.assertCollected(usedAndClosed(), "the orchestrator");
        pass(MINUTE);
    }

    private WeakReference<Object> usedAndClosed() {
        var reader = everyMinute();
        pass(MINUTE);
        reader.close();
        letGo(1);
        return new WeakReference<>(reader);
    }
}
