package dev.orchestrator;

import static dev.orchestrator.TestWork.LIMIT;
import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.inAnotherThread;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.TestWork.About;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P11: a mailbox that blocks makes its emitters wait, and never a thread that is running a handler. */
class MailboxBoundsTest {
    private record Other() implements Event {}

    /** One that takes every event, with a rule. */
    static final class Bounded extends RecordedOrchestrator {
        Bounded(Dispatcher dispatcher, SignalBus bus, Executor lane, OverflowRule rule) {
            super(dispatcher, bus, lane);
            mailbox(rule);
        }
    }

    /** One that observes one type of events. */
    private static final class Observing extends BaseOrchestrator<Integer> {
        final List<Integer> seen = new ArrayList<>(); // the lane only

        Observing(Dispatcher dispatcher, SignalBus bus, Executor lane, OverflowRule rule) {
            super(0, dispatcher, bus, lane);
            mailbox(rule);
            observe(Happened.class, event -> seen.add(event.number()));
        }
    }

    private final WatchedThreads threads = new WatchedThreads();
    private final List<Throwable> errors = new ArrayList<>(); // one thread at a time in each test
    private final SignalBus bus = SignalBus.builder()
            .threads(threads)
            .errorHandler((error, handler, event) -> errors.add(error))
            .build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ManualLane lane = new ManualLane();

    private Bounded begun(OverflowRule rule) {
        var orchestrator = new Bounded(dispatcher, bus, lane, rule);
        orchestrator.start();
        return orchestrator;
    }

    private void emitAll(int from, int until) {
        for (int i = from; i < until; i++) bus.emit(new Happened(i));
    }

    /** Runs the lane, on another thread, so that one that waits for itself ends the test. */
    private void runLane() {
        valueOf(inAnotherThread(lane::runAll));
    }

    private static List<Integer> numbers(List<? extends Event> events) {
        return events.stream().map(event -> ((Happened) event).number()).toList();
    }

    private static List<Integer> range(int from, int until) {
        return IntStream.range(from, until).boxed().toList();
    }

    // ---- who waits ----

    @Test
    void an_emitter_waits_for_a_full_mailbox_and_nobody_has_the_event_before_there_is_room() {
        var orchestrator = begun(OverflowRule.block(2));
        var plain = new RecordedEvents();
        bus.subscribe(Event.class, plain);
        emitAll(0, 2);
        var third = inAnotherThread(() -> emitAll(2, 3));
        threads.awaitWaiting(1);
        assertThat(numbers(plain.all())).containsExactly(0, 1);
        lane.runAll();
        valueOf(third);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(0, 1, 2);
        assertThat(numbers(plain.all())).containsExactly(0, 1, 2);
    }

    @Test
    void an_emitter_waits_until_every_interested_mailbox_has_room() {
        var otherLane = new ManualLane();
        var first = begun(OverflowRule.block(1));
        var second = new Bounded(dispatcher, bus, otherLane, OverflowRule.block(1));
        second.start();
        emitAll(0, 1);
        var next = inAnotherThread(() -> emitAll(1, 2));
        threads.awaitWaiting(1);
        lane.runAll();
        threads.awaitWaiting(1);
        assertThat(first.count()).isOne();
        otherLane.runAll();
        valueOf(next);
        otherLane.runAll();
        assertThat(second.count()).isEqualTo(2);
    }

    @Test
    void a_full_mailbox_holds_up_no_event_that_it_does_not_want() {
        var observing = new Observing(dispatcher, bus, lane, OverflowRule.block(1));
        observing.start();
        emitAll(0, 1);
        bus.emit(new Other());
        lane.runAll();
        assertThat(observing.seen).containsExactly(0);
    }

    @Test
    void without_a_rule_65_536_events_may_wait() {
        var orchestrator = new RecordedOrchestrator(dispatcher, bus, lane);
        orchestrator.start();
        emitAll(0, 65_536);
        var next = inAnotherThread(() -> emitAll(65_536, 65_537));
        threads.awaitWaiting(1);
        lane.runAll();
        valueOf(next);
        lane.runAll();
        assertThat(orchestrator.count()).isEqualTo(65_537);
    }

    @Test
    void many_threads_against_a_small_bound_lose_nothing_and_each_keeps_its_order() throws Exception {
        int each = 3_000;
        var mine = new Bounded(dispatcher, bus, task -> Thread.ofVirtual().start(task), OverflowRule.block(3));
        mine.start();
        Together.onThreads(4, thread -> emitAll(thread * each, (thread + 1) * each));
        mine.awaitIdle(LIMIT);
        assertThat(mine.passive()).hasSize(4 * each);
        for (int thread = 0; thread < 4; thread++) {
            int from = thread * each;
            assertThat(numbers(mine.passive()).stream().filter(it -> it >= from && it < from + each))
                    .isEqualTo(range(from, from + each));
        }
        assertThat(threads.waiting()).isZero();
    }

    // ---- a thread that waits for itself ----

    @Test
    void a_handler_that_emits_into_its_own_full_mailbox_is_refused_and_the_lane_goes_on() {
        var orchestrator = begun(OverflowRule.block(1));
        orchestrator.onPassive = event -> {
            if (event.equals(new Happened(0))) {
                valueOf(inAnotherThread(() -> emitAll(1, 2))); // now it is full
                orchestrator.say(new Happened(7));
            }
        };
        emitAll(0, 1);
        runLane();
        assertThat(numbers(orchestrator.passive())).containsExactly(0, 1);
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "the mailbox of orchestrator Bounded with the rule block(1) is full, and this thread"
                                    + " is running a handler, which must not wait; the event was emitted to nobody. To"
                                    + " go on: emit less, handle faster, or choose another rule or bound"));
        assertThat(threads.waiting()).isZero();
    }

    @Test
    void two_orchestrators_that_observe_each_other_never_wait_for_each_other() {
        var otherLane = new ManualLane();
        var left = begun(OverflowRule.block(2));
        var right = new Bounded(dispatcher, bus, otherLane, OverflowRule.block(2));
        right.start();
        for (var each : List.of(left, right)) {
            each.onPassive = event -> {
                int number = ((Happened) event).number();
                if (number == 20) return;
                each.say(new Happened(number + 1));
                each.say(new Happened(number + 1));
                each.say(new Happened(number + 1));
            };
        }
        emitAll(0, 1);
        valueOf(inAnotherThread(() -> {
            while (lane.waiting() + otherLane.waiting() > 0) {
                lane.runAll();
                otherLane.runAll();
            }
        }));
        assertThat(left.count()).isEqualTo(right.count()).isPositive();
        assertThat(left.passive()).contains(new Happened(20));
        assertThat(errors).isNotEmpty().allMatch(IllegalStateException.class::isInstance);
    }

    @Test
    void one_that_was_never_started_turns_the_emitter_away_and_says_so() {
        var orchestrator = new Bounded(dispatcher, bus, lane, OverflowRule.block(1));
        var plain = new RecordedEvents();
        bus.subscribe(Event.class, plain);
        emitAll(0, 1);
        assertThatThrownBy(() -> emitAll(1, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the mailbox of orchestrator Bounded with the rule block(1) is full, and its orchestrator has"
                            + " not begun to empty it; the event was emitted to nobody. To go on: call start() on it"
                            + " before");
        assertThat(numbers(plain.all())).containsExactly(0);
        orchestrator.start();
        lane.runAll();
        emitAll(1, 2);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(0, 1);
    }

    @Test
    void one_that_was_told_to_start_in_its_constructor_begins_for_an_emitter_who_finds_it_full() {
        final class Eager extends RecordedOrchestrator {
            Eager() {
                super(dispatcher, bus, lane);
                mailbox(OverflowRule.block(1));
                valueOf(inAnotherThread(() -> emitAll(0, 1)));
                start();
            }
        }
        var eager = new Eager();
        var next = inAnotherThread(() -> emitAll(1, 2));
        threads.awaitWaiting(1);
        lane.runAll();
        valueOf(next);
        lane.runAll();
        assertThat(eager.count()).isEqualTo(2);
    }

    @Test
    void what_a_handler_emits_while_there_is_room_is_accepted_when_its_delivery_is_over() {
        var orchestrator = begun(OverflowRule.block(2));
        orchestrator.onPassive = event -> {
            if (event.equals(new Happened(0))) emitAll(1, 100);
        };
        emitAll(0, 1);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).isEqualTo(range(0, 100));
        assertThat(errors).isEmpty();
    }

    @Test
    void a_plain_subscriber_that_emits_into_a_full_mailbox_is_refused() {
        var observing = new Observing(dispatcher, bus, lane, OverflowRule.block(1));
        observing.start();
        bus.subscribe(Other.class, event -> emitAll(1, 2));
        emitAll(0, 1);
        valueOf(inAnotherThread(() -> bus.emit(new Other())));
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error).hasMessageContaining("which must not wait"));
        lane.runAll();
        assertThat(observing.seen).containsExactly(0);
    }

    @Test
    void what_is_attached_to_idle_runs_as_a_handler_and_never_waits_for_its_own_lane() {
        var orchestrator = begun(OverflowRule.block(2));
        var refused = new AtomicReference<Throwable>();
        orchestrator.idle().thenRun(() -> {
            valueOf(inAnotherThread(() -> emitAll(0, 2)));
            try {
                emitAll(2, 3);
            } catch (IllegalStateException full) {
                refused.set(full);
            }
        });
        runLane();
        assertThat(refused.get()).hasMessageContaining("running a handler");
        assertThat(orchestrator.count()).isEqualTo(2);
    }

    // ---- what ends a wait ----

    @Test
    void an_interrupt_ends_the_wait_stays_and_the_event_was_emitted_to_nobody() {
        var orchestrator = begun(OverflowRule.block(1));
        var plain = new RecordedEvents();
        emitAll(0, 1);
        bus.subscribe(Event.class, plain);
        var emitting = new AtomicReference<Thread>();
        var interrupted = new AtomicBoolean();
        var emitter = inAnotherThread(() -> {
            emitting.set(Thread.currentThread());
            try {
                emitAll(1, 2);
            } catch (IllegalStateException refused) {
                interrupted.set(Thread.currentThread().isInterrupted());
                throw refused;
            }
        });
        threads.awaitWaiting(1);
        emitting.get().interrupt();
        assertThatThrownBy(() -> valueOf(emitter))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this thread was interrupted while it waited; the event was emitted to nobody");
        assertThat(interrupted).isTrue();
        lane.runAll();
        assertThat(plain.all()).isEmpty();
        assertThat(numbers(orchestrator.passive())).containsExactly(0);
    }

    @Test
    void closing_the_orchestrator_ends_the_wait_and_the_others_get_the_event() {
        var orchestrator = begun(OverflowRule.block(1));
        var plain = new RecordedEvents();
        emitAll(0, 1);
        bus.subscribe(Event.class, plain);
        var emitter = inAnotherThread(() -> emitAll(1, 2));
        threads.awaitWaiting(1);
        orchestrator.close();
        valueOf(emitter);
        assertThat(numbers(plain.all())).containsExactly(1);
    }

    @Test
    void closing_the_bus_ends_the_wait_and_the_emitter_is_told_that_it_is_closed() {
        begun(OverflowRule.block(1));
        emitAll(0, 1);
        var emitter = inAnotherThread(() -> emitAll(1, 2));
        threads.awaitWaiting(1);
        bus.close();
        assertThatThrownBy(() -> valueOf(emitter))
                .cause()
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed");
    }

    // ---- a job that emits ----

    /** A job whose code emits one event of its own beyond the bound of an observer; returns when it waits. */
    private JobHandle<String> jobThatWaits(Bounded observer, AtomicBoolean interruptedAfterwards, Gate after) {
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new Happened(1));
            interruptedAfterwards.set(Thread.currentThread().isInterrupted());
            return after.passUninterruptibly("done");
        });
        emitAll(0, 1);
        var handle = dispatcher.dispatch(new Work(1));
        threads.awaitWaiting(1);
        assertThat(observer.passive()).isEmpty();
        return handle;
    }

    @Test
    void a_job_waits_for_a_full_mailbox_of_somebody_who_observes_it() {
        var observer = begun(OverflowRule.block(1));
        var after = new Gate();
        var handle = jobThatWaits(observer, new AtomicBoolean(), after);
        lane.runAll();
        after.awaitArrival();
        after.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        dispatcher.close();
        lane.runAll();
        assertThat(observer.passive()).contains(new Happened(0), new Happened(1));
    }

    @Test
    void stopping_a_job_ends_its_wait_without_an_exception_the_event_is_dropped_and_the_interrupt_stays() {
        var observer = begun(OverflowRule.block(1));
        var after = new Gate();
        var interrupted = new AtomicBoolean();
        var handle = jobThatWaits(observer, interrupted, after);
        handle.cancel("not wanted");
        after.awaitArrival();
        after.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
        assertThat(interrupted).isTrue();
        dispatcher.close();
        lane.runAll();
        assertThat(observer.passive()).doesNotContain(new Happened(1));
    }

    @Test
    void stopping_an_asynchronous_job_ends_the_wait_of_a_thread_that_nobody_interrupts() {
        begun(OverflowRule.block(1));
        var emitter = new CompletableFuture<CompletableFuture<Void>>();
        dispatcher.registerAsync(Work.class, (job, context) -> {
            emitter.complete(inAnotherThread(() -> context.emit(new Happened(1))));
            return new CompletableFuture<>();
        });
        emitAll(0, 1);
        var handle = dispatcher.dispatch(new Work(1));
        threads.awaitWaiting(1);
        handle.cancel("not wanted");
        valueOf(valueOf(emitter));
        assertThat(threads.waiting()).isZero();
    }

    @Test
    void a_job_that_reports_progress_waits_for_a_full_mailbox_of_somebody_who_observes_it() {
        var observer = begun(OverflowRule.block(1));
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            return "done";
        });
        emitAll(0, 1);
        var handle = dispatcher.dispatch(new Work(1));
        threads.awaitWaiting(1);
        lane.runAll();
        endingOf(handle);
        dispatcher.close();
        lane.runAll();
        assertThat(observer.passive()).hasAtLeastOneElementOfType(JobProgressEvent.class);
    }

    @Test
    void a_job_waits_for_a_full_mailbox_with_an_event_about_another_job_too_and_its_stopping_ends_that_wait() {
        begun(OverflowRule.block(1));
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new About("somebody else"));
            return "done";
        });
        emitAll(0, 1);
        var handle = dispatcher.dispatch(new Work(1));
        threads.awaitWaiting(1);
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<String>("not wanted"));
    }

    @Test
    void a_job_whose_code_emits_on_a_thread_that_is_running_a_handler_is_refused() {
        begun(OverflowRule.block(1));
        var inline = Dispatcher.builder().bus(bus).worker(Runnable::run).build();
        var refused = new AtomicReference<Throwable>();
        inline.register(Work.class, (job, context) -> {
            try {
                context.emit(new Happened(1));
            } catch (IllegalStateException full) {
                refused.set(full);
            }
            return "done";
        });
        bus.subscribe(Other.class, event -> {
            valueOf(inAnotherThread(() -> emitAll(0, 1)));
            inline.dispatch(new Work(1));
        });
        bus.emit(new Other());
        assertThat(refused.get()).hasMessageContaining("which must not wait; the event was emitted to nobody");
    }

    // ---- what is always accepted ----

    private static final List<OverflowRule> RULES =
            List.of(OverflowRule.block(1), OverflowRule.dropOldest(1), OverflowRule.keepLatest(), OverflowRule.fail(1));

    @Test
    void no_rule_drops_or_delays_a_terminal_event_or_an_event_of_an_own_job() {
        dispatcher.register(Work.class, (job, context) -> {
            for (int i = 0; i < 5; i++) context.emit(new About(context.jobId()));
            return "done";
        });
        dispatcher.register(Part.class, (job, context) -> "done");
        for (var rule : RULES) {
            var owner = begun(rule);
            emitAll(0, 1); // fills the mailbox
            var parts = IntStream.range(0, 20)
                    .mapToObj(i -> dispatcher.dispatch(new Part(i)))
                    .toList();
            for (var part : parts) endingOf(part);
            endingOf(owner.dispatch(new Work(1)));
            TestWork.until(() -> partsEnded(owner, lane) == 20, "an ending was lost under " + rule);
            assertThat(owner.active()).as("%s", rule).hasSize(7); // started, five of its own, success
            owner.close();
        }
    }

    private static long partsEnded(RecordedOrchestrator of, ManualLane lane) {
        lane.runAll();
        return of.passive().stream()
                .filter(event -> event instanceof TerminalEvent ending && ending.job() instanceof Part)
                .count();
    }

    @Test
    void no_rule_drops_a_terminal_event_for_an_asynchronous_subscriber() {
        dispatcher.register(Part.class, (job, context) -> "done");
        for (var rule : RULES) {
            var inside = new Gate();
            var events = new RecordedEvents();
            var subscription = bus.subscribeAsync(
                    Event.class,
                    event -> {
                        if (event instanceof Happened) inside.passUninterruptibly("");
                        events.accept(event);
                    },
                    rule);
            emitAll(0, 1);
            inside.awaitArrival();
            emitAll(1, 2); // fills the mailbox
            var parts = IntStream.range(0, 20)
                    .mapToObj(i -> dispatcher.dispatch(new Part(i)))
                    .toList();
            for (var part : parts) endingOf(part);
            inside.open();
            for (var part : parts) events.awaitTerminalOf(part.id());
            subscription.close();
        }
    }

    // ---- fail ----

    @Test
    void fail_gives_the_event_to_all_others_and_then_throws_and_the_mailbox_goes_on() {
        var orchestrator = begun(OverflowRule.fail(1));
        var otherLane = new ManualLane();
        var other = new Bounded(dispatcher, bus, otherLane, OverflowRule.block(10));
        other.start();
        var plain = new RecordedEvents();
        bus.subscribe(Event.class, plain);
        emitAll(0, 1);
        assertThatThrownBy(() -> emitAll(1, 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "the mailbox of orchestrator Bounded with the rule fail(1) is full and did not take the event,"
                            + " which all others have got. To go on: emit less, handle faster, or choose another rule"
                            + " or bound");
        otherLane.runAll();
        assertThat(numbers(other.passive())).containsExactly(0, 1);
        assertThat(numbers(plain.all())).containsExactly(0, 1);
        lane.runAll();
        emitAll(2, 3);
        lane.runAll();
        assertThat(numbers(orchestrator.passive())).containsExactly(0, 2);
        assertThat(errors).isEmpty();
    }

    @Test
    void fail_names_every_mailbox_that_is_full() {
        begun(OverflowRule.fail(1));
        new Bounded(dispatcher, bus, lane, OverflowRule.fail(2)).start();
        emitAll(0, 1);
        assertThatThrownBy(() -> emitAll(1, 2)).hasMessageContaining("fail(1)").hasNoSuppressedExceptions();
        assertThatThrownBy(() -> emitAll(2, 3))
                .hasMessageContaining("fail(1)")
                .satisfies(thrown -> assertThat(thrown.getSuppressed())
                        .singleElement()
                        .satisfies(second -> assertThat(second).hasMessageContaining("fail(2)")));
    }

    @Test
    void fail_tells_the_error_handler_what_a_handler_emitted_in_vain() {
        var orchestrator = begun(OverflowRule.fail(1));
        bus.subscribe(Other.class, event -> emitAll(0, 2)); // delivered after Other, which takes the only place
        bus.emit(new Other());
        lane.runAll();
        assertThat(orchestrator.passive()).containsExactly(new Other());
        assertThat(errors)
                .hasSize(2)
                .allSatisfy(error -> assertThat(error).hasMessageContaining("did not take the event"));
    }

    @Test
    void no_job_fails_for_a_full_mailbox_and_the_error_handler_is_told() {
        begun(OverflowRule.fail(1));
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new Happened(1));
            context.emit(new About("somebody else"));
            return "done";
        });
        emitAll(0, 1);
        var handle = dispatcher.dispatch(new Work(1));
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        dispatcher.close();
        assertThat(errors)
                .hasSize(3) // started, its own event, the event about somebody else
                .allSatisfy(error -> assertThat(error).hasMessageContaining("did not take the event"));
    }

    @Test
    void of_two_threads_that_emit_at_the_same_moment_one_gets_the_last_place_under_fail() {
        int rounds = 20_000;
        var mailboxes = IntStream.range(0, rounds)
                .mapToObj(i -> OverflowRule.fail(1).newMailbox())
                .toList();
        var taken = new AtomicInteger();
        Together.Part offer = round -> {
            if (mailboxes.get(round).offer(new Envelope(new Happened(round), null, 0, false))) taken.incrementAndGet();
        };
        Together.run(rounds, offer, offer);
        assertThat(taken).hasValue(rounds);
    }

    // ---- tasks ----

    @Test
    void a_task_waits_while_65_536_tasks_wait_whatever_the_rule_and_none_is_lost() {
        var orchestrator = begun(OverflowRule.keepLatest());
        var ran = new AtomicInteger();
        for (int i = 0; i < 65_536; i++) orchestrator.later(ran::incrementAndGet);
        var next = inAnotherThread(() -> orchestrator.later(ran::incrementAndGet));
        threads.awaitWaiting(1);
        lane.runAll();
        valueOf(next);
        lane.runAll();
        assertThat(ran).hasValue(65_537);
    }

    @Test
    void a_handler_that_hands_over_too_many_tasks_is_refused_and_an_idle_mark_never_waits() {
        var orchestrator = begun(OverflowRule.block(1));
        var ran = new AtomicInteger();
        orchestrator.later(() -> {
            for (int i = 0; i < 65_537; i++) orchestrator.later(ran::incrementAndGet);
        });
        var first = new ConcurrentLinkedQueue<Boolean>();
        orchestrator.idle().thenRun(() -> first.add(true));
        lane.runAll();
        assertThat(errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessage("65536 tasks of onLane wait for orchestrator Bounded, and this thread is running a"
                                + " handler, which must not wait; the task was not taken. To go on: hand fewer tasks to"
                                + " onLane, or do more in each"));
        assertThat(ran).hasValue(65_536);
        assertThat(first).hasSize(1);
    }

    @Test
    void closing_ends_the_wait_of_a_task_which_is_dropped() {
        var orchestrator = begun(OverflowRule.block(1));
        for (int i = 0; i < 65_536; i++) orchestrator.later(() -> {});
        var next = inAnotherThread(() -> orchestrator.later(() -> {}));
        threads.awaitWaiting(1);
        orchestrator.close();
        valueOf(next);
    }

    // ---- choosing ----

    @Test
    void a_rule_is_refused_once_the_orchestrator_has_begun_or_is_closed() {
        final class Late extends RecordedOrchestrator {
            Late() {
                super(dispatcher, bus, lane);
            }

            void choose() {
                mailbox(OverflowRule.keepLatest());
            }
        }
        var late = new Late();
        late.choose(); // outside of the constructor, and before it has begun: as with handlers
        late.start();
        assertThatThrownBy(late::choose)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "orchestrator Late handles events already; choose the mailbox's rule in the constructor, before"
                                + " the first call from outside");
        late.close();
        assertThatThrownBy(late::choose)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("orchestrator Late is closed");
    }

    @Test
    void what_was_emitted_before_the_rule_was_chosen_falls_under_it() {
        final class Slow extends RecordedOrchestrator {
            Slow() {
                super(dispatcher, bus, lane);
                valueOf(inAnotherThread(() -> emitAll(0, 10)));
                mailbox(OverflowRule.dropOldest(3));
            }
        }
        var slow = new Slow();
        slow.start();
        lane.runAll();
        assertThat(numbers(slow.passive())).containsExactly(7, 8, 9);
    }

    /** A writer who has the old mailbox in hand while another one takes its place. */
    @Test
    void nothing_that_is_emitted_while_a_rule_is_chosen_is_lost_or_overtaken() throws Exception {
        int rounds = 10_000;
        var mailboxes = IntStream.range(0, rounds)
                .mapToObj(i -> new ChosenMailbox(OverflowRule.block(100)))
                .toList();
        Together.run(
                rounds,
                round -> {
                    for (int i = 0; i < 10; i++) mailboxes.get(round).add(i);
                },
                round -> {
                    for (int spin = round % 200; spin > 0; spin--) Thread.onSpinWait();
                    mailboxes.get(round).choose(OverflowRule.dropOldest(100));
                    mailboxes.get(round).choose(OverflowRule.block(50));
                });
        for (var mailbox : mailboxes) {
            var taken = new ArrayList<>();
            for (Object next; (next = mailbox.poll()) != null; ) taken.add(next);
            assertThat(taken).isEqualTo(range(0, 10));
        }
    }
}
