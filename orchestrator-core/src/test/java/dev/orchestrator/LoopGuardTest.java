package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.spi.Time;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P13: handlers that set each other off in a circle are named and stopped, and nobody else is harmed or slowed down. */
class LoopGuardTest {
    private record Ping(int number) implements Event {}

    private record Pong(int number) implements Event {}

    private record Honest(int number) implements Event {}

    private record Other(int number) implements Event {}

    private static final class AboutJob extends BaseEvent {
        final int number;

        AboutJob(String jobId, int number) {
            super(jobId, Instant.EPOCH);
            this.number = number;
        }
    }

    private static final int WARN = 10;
    private static final int STOP = 100;
    private static final int FAR = 5_000_000; // how a circle that is not stopped ends
    private static final Duration SOON = Duration.ofMillis(10);
    private static final Duration LATER = SOON.plusNanos(1);
    private static final String HERE = LoopGuardTest.class.getName();
    private static final String CIRCLE = "[" + HERE + "$Ping -> " + HERE + "$Pong]";

    private final VirtualTime time = new VirtualTime();
    private final List<Throwable> errors = new CopyOnWriteArrayList<>();
    private final RecordedLog log = new RecordedLog();
    private final SignalBus bus = guarded(WARN, STOP);
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
        log.close();
    }

    private SignalBus.Builder builder() {
        return SignalBus.builder().time(time).errorHandler((error, handler, event) -> errors.add(error));
    }

    private SignalBus guarded(int warnAt, int stopAt) {
        return builder().loopGuard(warnAt, stopAt).build();
    }

    /** Two subscribers that answer each other, the first event being number 0 and each answer one link. */
    private static void answerEachOther(SignalBus on, IntPredicate whether) {
        on.subscribe(Ping.class, event -> {
            if (event.number() < FAR && whether.test(event.number())) on.emit(new Pong(event.number() + 1));
        });
        on.subscribe(Pong.class, event -> {
            if (event.number() < FAR && whether.test(event.number())) on.emit(new Ping(event.number() + 1));
        });
    }

    private static RecordedEvents record(SignalBus on) {
        var events = new RecordedEvents();
        on.subscribe(Event.class, events);
        return events;
    }

    private void assertOneStop() {
        assertThat(errors).singleElement().isInstanceOf(LoopDetectedException.class);
    }

    // ---- circles ----

    @Test
    void two_subscribers_that_answer_each_other_are_stopped_after_the_last_link_that_is_allowed() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> true);
        bus.emit(new Ping(0));
        assertThat(events.all()).hasSize(1 + STOP).last().isEqualTo(new Ping(STOP));
        assertOneStop();
    }

    @Test
    void two_orchestrators_that_answer_each_other_are_stopped() throws Exception {
        RecordedEvents events = record(bus);
        try (var one = new RecordedOrchestrator(dispatcher, bus);
                var other = new RecordedOrchestrator(dispatcher, bus)) {
            one.onPassive = event -> {
                if (event instanceof Ping ping) one.say(new Pong(ping.number() + 1));
            };
            other.onPassive = event -> {
                if (event instanceof Pong pong) other.say(new Ping(pong.number() + 1));
            };
            one.start();
            other.start();
            bus.emit(new Ping(0));
            TestWork.until(() -> !errors.isEmpty(), "the circle was not stopped");
            one.awaitIdle(TestWork.LIMIT);
            other.awaitIdle(TestWork.LIMIT);
        }
        assertThat(events.all()).hasSize(1 + STOP);
        assertOneStop();
    }

    @Test
    void an_orchestrator_that_dispatches_the_same_job_again_and_again_is_stopped_and_no_ending_is_lost()
            throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        RecordedEvents events = record(bus);
        var handles = new CopyOnWriteArrayList<JobHandle<String>>();
        try (var polling = new RecordedOrchestrator(dispatcher, bus)) {
            polling.onActive = event -> {
                if (event instanceof JobSuccessEvent<?>) handles.add(polling.dispatch(new Work(handles.size())));
            };
            handles.add(polling.dispatch(new Work(0)));
            polling.awaitIdle(TestWork.LIMIT);
            assertThat(errors)
                    .singleElement()
                    .asString()
                    .contains("in a circle, [dev.orchestrator.TestWork$Work], for 100 links");
            assertThat(polling.active().stream().filter(TerminalEvent.class::isInstance))
                    .hasSize(1 + STOP);
            assertThat(handles).hasSize(1 + STOP).allSatisfy(handle -> {
                assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
                events.awaitTerminalOf(handle.id());
                assertThat(events.terminalOf(handle.id())).hasSize(1);
            });
        }
    }

    @Test
    void a_dispatch_that_is_refused_leaves_nothing_behind() throws Exception {
        dispatcher.register(Work.class, (job, context) -> "done");
        dispatcher.register(TestWork.Named.class, (job, context) -> "done");
        try (var polling = new RecordedOrchestrator(dispatcher, bus)) {
            polling.onActive = event -> {
                if (!(event instanceof JobSuccessEvent<?>)) return;
                try {
                    polling.dispatch(new Work(0));
                } catch (LoopDetectedException stopped) {
                    errors.add(stopped);
                    assertThatThrownBy(() -> polling.dispatch(new TestWork.Named("refused")))
                            .isInstanceOf(LoopDetectedException.class);
                    assertThat(polling.hasActiveJobs()).isFalse();
                    assertThat(bus.runs().find("refused")).isNull();
                }
            };
            polling.dispatch(new Work(0));
            polling.awaitIdle(TestWork.LIMIT);
            assertOneStop();
            polling.onActive = event -> {};
            assertThat(TestWork.endingOf(polling.dispatch(new TestWork.Named("refused"))))
                    .isEqualTo(new JobResult.Success<>("done"));
        }
    }

    @Test
    void a_circle_through_events_about_a_running_job_is_stopped() {
        var gate = new Gate();
        dispatcher.register(Work.class, (job, context) -> gate.pass("done"));
        JobHandle<String> handle = dispatcher.dispatch(new Work(0));
        gate.awaitArrival();
        RecordedEvents events = record(bus);
        bus.subscribe(AboutJob.class, event -> {
            if (event.number < STOP * 2) bus.emit(new AboutJob(handle.id(), event.number + 1));
        });
        bus.emit(new AboutJob(handle.id(), 0));
        assertThat(events.all()).hasSize(1 + STOP);
        assertOneStop();
        gate.open();
        assertThat(TestWork.endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void a_circle_through_what_a_job_says_is_stopped_whomever_that_is_about() {
        var dispatched = new AtomicInteger();
        dispatcher.register(Work.class, (job, context) -> {
            if (job.number() % 2 == 0) context.emit(new Happened(job.number()));
            else context.emit(new AboutJob("somebody", job.number()));
            return "done";
        });
        bus.subscribe(Happened.class, event -> {
            dispatched.incrementAndGet();
            dispatcher.dispatch(new Work(event.number() + 1));
        });
        bus.subscribe(AboutJob.class, event -> {
            dispatched.incrementAndGet();
            dispatcher.dispatch(new Work(event.number + 1));
        });
        dispatcher.dispatch(new Work(0));
        TestWork.until(() -> !errors.isEmpty(), "the circle was not stopped");
        assertThat(dispatched).hasValue(STOP + 1);
        assertOneStop();
    }

    @Test
    void children_stand_where_their_parent_stands() {
        var grandchildren = new AtomicInteger();
        dispatcher.register(Work.class, (job, context) -> {
            if (job.number() >= 0)
                context.dispatch(new TestWork.Part(job.number())).await(TestWork.LIMIT);
            return "done";
        });
        dispatcher.register(TestWork.Part.class, (job, context) -> {
            context.dispatch(new Work(-1)).await(TestWork.LIMIT);
            context.emit(new Happened(job.number()));
            return "done";
        });
        bus.subscribe(Happened.class, event -> {
            grandchildren.incrementAndGet();
            dispatcher.dispatch(new Work(event.number() + 1));
        });
        dispatcher.dispatch(new Work(0));
        TestWork.until(() -> !errors.isEmpty(), "the circle was not stopped");
        assertThat(grandchildren).hasValue(STOP + 1);
        assertOneStop();
    }

    @Test
    void a_circle_over_two_buses_is_stopped_by_the_limits_of_the_bus_where_the_next_link_is_made() {
        try (var far = guarded(2, 29)) {
            var seen = new AtomicInteger();
            bus.subscribe(Ping.class, event -> {
                if (seen.incrementAndGet() < FAR) far.emit(new Pong(event.number() + 1)); // odd links
            });
            far.subscribe(Pong.class, event -> {
                seen.incrementAndGet();
                bus.emit(new Ping(event.number() + 1)); // even links
            });
            bus.emit(new Ping(0));
            assertThat(seen).as("link 30 is made here, 31 is refused there").hasValue(1 + 30);
            assertOneStop();
            assertThat(log.texts("WARNING"))
                    .as("from the far bus; the chain is not warned of twice")
                    .singleElement()
                    .asString()
                    .contains("for 3 links");
        }
    }

    @Test
    void a_bus_without_a_guard_passes_the_chain_on() {
        try (var unguarded = builder().withoutLoopGuard().build()) {
            var there = new AtomicInteger();
            bus.subscribe(Ping.class, event -> {
                if (event.number() < FAR) unguarded.emit(new Pong(event.number() + 1));
            });
            unguarded.subscribe(Pong.class, event -> {
                there.incrementAndGet();
                bus.emit(new Ping(event.number() + 1));
            });
            bus.emit(new Ping(0));
            assertThat(there).as("only what comes back is a link").hasValue(STOP + 1);
            assertOneStop();
        }
    }

    // ---- the limits ----

    @Test
    void the_default_limits_hold_to_the_link() {
        try (var byDefault = builder().build()) {
            var count = new AtomicInteger();
            byDefault.subscribe(Event.class, event -> {
                if (count.incrementAndGet() == 1 + 10_000)
                    assertThat(log.texts("WARNING")).as("at this link").hasSize(1);
            });
            answerEachOther(byDefault, number -> number < 9_999);
            byDefault.emit(new Ping(0));
            assertThat(count).hasValue(1 + 9_999);
            assertThat(log.texts("WARNING")).isEmpty();

            byDefault.subscribe(Honest.class, event -> {
                if (event.number() < FAR) byDefault.emit(new Honest(event.number() + 1));
            });
            count.set(0);
            byDefault.emit(new Honest(0));
            assertThat(count).hasValue(1 + 1_000_000);
            assertOneStop();
            assertThat(log.texts("WARNING"))
                    .singleElement()
                    .asString()
                    .contains("$Honest], for 10000 links", "after 1000000 the next one is refused");
        }
    }

    @Test
    void the_link_before_the_limit_is_not_warned_of() {
        answerEachOther(bus, number -> number < WARN - 1);
        bus.emit(new Ping(0));
        assertThat(log.texts("WARNING")).isEmpty();
    }

    @Test
    void the_link_at_the_limit_is_warned_of_and_made() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> number < WARN);
        bus.emit(new Ping(0));
        assertThat(log.texts("WARNING")).hasSize(1);
        assertThat(events.all()).hasSize(1 + WARN);
    }

    @Test
    void a_chain_that_ends_at_the_last_limit_is_not_stopped() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> number < STOP);
        bus.emit(new Ping(0));
        assertThat(events.all()).hasSize(1 + STOP);
        assertThat(errors).isEmpty();
    }

    @Test
    void one_link_can_be_the_limit() {
        try (var strict = guarded(1, 1)) {
            RecordedEvents events = record(strict);
            answerEachOther(strict, number -> true);
            strict.emit(new Ping(0));
            assertThat(events.all()).containsExactly(new Ping(0), new Pong(1));
            assertOneStop();
            assertThat(log.texts("WARNING")).hasSize(1);
        }
    }

    @Test
    void without_the_guard_nothing_is_stopped() {
        try (var free = builder().loopGuard(1, 1).withoutLoopGuard().build()) {
            RecordedEvents events = record(free);
            answerEachOther(free, number -> number < 1_000);
            free.emit(new Ping(0));
            assertThat(events.all()).hasSize(1 + 1_000);
            assertThat(errors).isEmpty();
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void limits_that_make_no_sense_are_refused() {
        SignalBus.Builder builder = SignalBus.builder();
        assertThatThrownBy(() -> builder.loopGuard(0, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("warnAt must be at least 1 link, was 0; to run without the guard, use withoutLoopGuard()");
        assertThatThrownBy(() -> builder.loopGuard(6, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stopAt must not be below warnAt, was 5 and warnAt 6; to stop earlier, warn earlier too");
        assertThatCode(() -> builder.loopGuard(Integer.MAX_VALUE, Integer.MAX_VALUE))
                .doesNotThrowAnyException();
    }

    // ---- time ----

    @Test
    void links_that_follow_each_other_within_ten_milliseconds_count() {
        answerEachOther(bus, number -> {
            time.advance(SOON);
            return true;
        });
        bus.emit(new Ping(0));
        assertOneStop();
    }

    @Test
    void a_slow_chain_is_never_counted() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> {
            time.advance(LATER);
            return number < 10 * STOP;
        });
        bus.emit(new Ping(0));
        assertThat(events.all()).hasSize(1 + 10 * STOP);
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void a_slower_link_starts_the_count_anew_as_the_first_of_a_new_one() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> {
            if (number == 60) time.advance(LATER); // before link 61
            return true;
        });
        bus.emit(new Ping(0));
        assertThat(events.all()).hasSize(1 + 60 + STOP);
        assertOneStop();
    }

    @Test
    void a_slow_job_starts_the_count_anew() throws Exception {
        dispatcher.register(Work.class, (job, context) -> {
            time.advance(LATER);
            return "done";
        });
        try (var paging = new RecordedOrchestrator(dispatcher, bus)) {
            paging.onActive = event -> {
                if (event instanceof JobSuccessEvent<?> page && ((Work) page.job()).number() < 2 * STOP)
                    paging.dispatch(new Work(((Work) page.job()).number() + 1));
            };
            paging.dispatch(new Work(0));
            paging.awaitIdle(TestWork.LIMIT);
            assertThat(paging.active())
                    .filteredOn(JobSuccessEvent.class::isInstance)
                    .hasSize(1 + 2 * STOP);
        }
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    // ---- nobody else is harmed ----

    @Test
    void other_chains_on_the_bus_go_on() {
        RecordedEvents events = record(bus);
        answerEachOther(bus, number -> true);
        bus.subscribe(Honest.class, event -> {
            if (event.number() < STOP) bus.emit(new Honest(event.number() + 1));
        });
        bus.subscribe(Other.class, event -> {
            bus.emit(new Ping(0));
            bus.emit(new Honest(1));
        });
        bus.emit(new Other(0));
        assertThat(events.of(Honest.class))
                .as("the honest chain between the links of the circle")
                .hasSize(STOP);
        assertOneStop();
        bus.emit(new Ping(STOP * 2));
        assertThat(errors).as("from outside it begins anew").hasSize(2);
        assertThat(events.all()).as("two circles and what set them off").hasSize(STOP + STOP + 1 + 1 + STOP);
    }

    @Test
    void a_burst_of_honest_events_from_outside_is_untouched() {
        var answers = new AtomicInteger();
        bus.subscribe(Honest.class, event -> bus.emit(new Other(event.number())));
        bus.subscribe(Other.class, event -> answers.incrementAndGet());
        for (int i = 0; i < 200_000; i++) bus.emit(new Honest(i));
        assertThat(answers).hasValue(200_000);
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void what_one_handler_emits_is_one_link_deep_however_much_it_is() {
        var answers = new AtomicInteger();
        bus.subscribe(Honest.class, event -> {
            for (int i = 0; i < 100_000; i++) bus.emit(new Other(i));
        });
        bus.subscribe(Other.class, event -> answers.incrementAndGet());
        bus.emit(new Honest(0));
        assertThat(answers).hasValue(100_000);
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void what_a_job_emits_is_as_deep_as_the_job_however_much_it_is() throws Exception {
        dispatcher.register(Work.class, (job, context) -> {
            for (int i = 0; i < 10 * STOP; i++) {
                context.emit(new Happened(i));
                context.progress(i / (10.0 * STOP));
            }
            return "done";
        });
        try (var owner = new RecordedOrchestrator(dispatcher, bus)) {
            owner.onActive = event -> {
                if (event instanceof Happened happened) owner.say(new Other(happened.number()));
            };
            owner.onPassive = event -> {
                if (event instanceof Honest) owner.dispatch(new Work(0));
            };
            owner.start();
            bus.emit(new Honest(0));
            TestWork.until(() -> owner.count() == 1 + 10 * STOP, "an event was lost");
            owner.awaitIdle(TestWork.LIMIT);
        }
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    @Test
    void a_handler_that_catches_the_refusal_goes_on() {
        var caught = new CopyOnWriteArrayList<LoopDetectedException>();
        bus.subscribe(Ping.class, event -> {
            try {
                bus.emit(new Ping(event.number() + 1));
            } catch (LoopDetectedException stopped) {
                caught.add(stopped);
                time.advance(LATER);
                bus.emit(new Other(event.number())); // later, and so the first link of a new count
            }
        });
        RecordedEvents events = record(bus);
        bus.emit(new Ping(0));
        assertThat(caught).hasSize(1);
        assertThat(events.of(Other.class)).containsExactly(new Other(STOP));
        assertThat(errors).isEmpty();
    }

    // ---- cost and memory ----

    @Test
    void outside_of_handlers_no_clock_is_read_and_inside_one_once_for_a_link() {
        var reads = new AtomicInteger();
        try (var own = SignalBus.builder().time(counting(reads)).build()) {
            own.subscribe(Honest.class, event -> own.emit(new Other(event.number())));
            own.subscribe(Other.class, event -> {});
            int before = reads.get();
            for (int i = 0; i < 100; i++) own.emit(new Other(i));
            assertThat(reads).hasValue(before);
            own.emit(new Honest(0));
            assertThat(reads).hasValue(before + 1);
        }
    }

    private static Time counting(AtomicInteger reads) {
        return new Time() {
            @Override
            public Instant now() {
                return Instant.EPOCH;
            }

            @Override
            public long nanos() {
                return reads.incrementAndGet();
            }

            @Override
            public Timer schedule(Duration delay, Runnable task) {
                throw new AssertionError("nothing is scheduled here");
            }

            @Override
            public long random() {
                return 1;
            }
        };
    }

    /** P10: were an event to know what caused it, the first one would still be there. */
    @Test
    void a_chain_of_a_million_slow_links_keeps_nothing() {
        var first = new AtomicReference<@Nullable WeakReference<Ping>>();
        var last = new AtomicInteger();
        try (var patient = builder().build()) {
            patient.subscribe(Other.class, event -> {
                var ping = new Ping(0);
                first.set(new WeakReference<>(ping));
                patient.emit(ping);
            });
            patient.subscribe(Ping.class, event -> {
                time.advance(LATER);
                last.set(event.number());
                if (event.number() < 1_000_000) patient.emit(new Ping(event.number() + 1));
                else MemoryTest.assertCollected(first.get(), "the first event of the chain");
            });
            patient.emit(new Other(0));
        }
        assertThat(last).hasValue(1_000_000);
        assertThat(errors).isEmpty();
        assertThat(log.lines()).isEmpty();
    }

    /** P10 */
    @Test
    void a_link_does_not_know_the_one_before() {
        var guard = new LoopGuard(time, new LoopGuard.Limits(WARN, STOP));
        Chain chain = guard.next(null, Ping.class);
        var first = new WeakReference<>(chain);
        for (int i = 1; i < STOP; i++) chain = guard.next(chain, Ping.class);
        MemoryTest.assertCollected(first, "the first link");
        assertThat(chain.depth).isEqualTo(STOP);
    }

    // ---- what it says ----

    @Test
    void the_refusal_names_what_was_refused_the_circle_the_number_of_links_and_what_to_do() {
        answerEachOther(bus, number -> true);
        bus.emit(new Ping(0));
        assertThat(errors)
                .singleElement()
                .asString()
                .isEqualTo("dev.orchestrator.LoopDetectedException: " + HERE
                        + "$Pong was refused: handlers set each other off in a circle, " + CIRCLE
                        + ", for 100 links, each within 10 ms of the one before. Let one of them stop, or slow the"
                        + " circle down; a chain that is meant to be so long needs other limits:"
                        + " SignalBus.builder().loopGuard(...)");
    }

    @Test
    void the_warning_names_the_circle_and_comes_once_for_a_circle_wherever_it_is_entered() {
        answerEachOther(bus, number -> number % 50 != 40);
        for (int round = 0; round < 20; round++) {
            bus.emit(new Ping(0));
            bus.emit(new Pong(0));
        }
        assertThat(log.texts("WARNING"))
                .containsExactly("handlers set each other off in a circle, " + CIRCLE
                        + ", for 10 links, each within 10 ms of the one before; after 100 the next one is refused. Let"
                        + " one of them stop, or set the limits with SignalBus.builder().loopGuard(...). Logged once"
                        + " per circle");
    }

    @Test
    void many_threads_in_one_circle_are_warned_once() {
        answerEachOther(bus, number -> number < 50);
        Together.onThreads(8, thread -> bus.emit(new Ping(thread % 2)));
        assertThat(log.texts("WARNING")).hasSize(1);
    }

    @Test
    void what_is_remembered_of_warnings_has_a_bound() {
        var guard = new LoopGuard(time, new LoopGuard.Limits(3, 1_000));
        var classes = List.<Class<?>>of(
                int.class, long.class, byte.class, char.class, short.class, float.class, double.class, String.class);
        for (Class<?> one : classes) {
            for (Class<?> two : classes) {
                for (Class<?> three : classes) guard.next(guard.next(guard.next(null, one), two), three);
            }
        }
        assertThat(log.texts("WARNING")).hasSize(100);
    }

    @Test
    void a_circle_is_the_shortest_period_of_the_last_names() {
        assertThat(circleOf("a", "a", "a")).isEqualTo("[a]");
        assertThat(circleOf("c", "a", "b", "c", "a", "b", "c")).isEqualTo("[a -> b -> c]");
        assertThat(circleOf("b", "a", "a", "b", "a", "a")).isEqualTo("[a -> a -> b]");
        assertThat(circleOf("begin", "b", "a", "c", "a", "b", "b")).isEqualTo("[a, b, begin, c] in changing order");
    }

    private static String circleOf(String... names) {
        Chain chain = Chain.START;
        String[] known = Chain.NO_NAMES;
        for (String name : names) {
            known = chain.namesAnd(name);
            chain = new Chain(chain.depth + 1, 0, known, false);
        }
        return Chain.circle(known);
    }

    @Test
    void only_the_last_names_are_known_and_only_near_a_limit() {
        var guard = new LoopGuard(time, new LoopGuard.Limits(1_000, 2_000));
        Chain chain = Chain.START;
        for (int i = 0; i < 2_000; i++) {
            Class<?> what = i < 500 ? Other.class : i % 2 == 0 ? Ping.class : Pong.class;
            chain = guard.next(chain, what);
            int known = chain.namesAnd("one more").length - 1;
            boolean nearLimit = i >= 1_000 - Chain.NAMES && i < 1_000 || i >= 2_000 - Chain.NAMES;
            if (!nearLimit) assertThat(known).isZero();
            else assertThat(known).isBetween(1, Chain.NAMES - 1);
        }
        Chain full = chain;
        assertThatThrownBy(() -> guard.next(full, Ping.class)).hasMessageContaining(CIRCLE);
        assertThat(log.texts("WARNING")).singleElement().asString().contains(CIRCLE);
    }
}
