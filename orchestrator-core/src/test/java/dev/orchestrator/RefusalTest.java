package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P9: what cannot be done is refused at once, says why and what to do, and leaves nothing behind. */
class RefusalTest {
    private record ResizeImage() implements Job<String> {}

    private record ResizeImages() implements Job<String> {}

    private record Unlike() implements Job<String> {}

    private record Sleep(Gate gate) implements Job<String> {}

    private static final class Named extends BaseJob<String> {
        Named(String id) {
            super(id);
        }
    }

    private sealed interface Shape extends Job<Double> permits Circle, Square {}

    private record Circle() implements Shape {}

    private record Square() implements Shape {}

    private sealed interface Figure extends Job<String> permits Flat, Solid, Dot {}

    private sealed interface Flat extends Figure permits Disc, Tile {}

    private record Disc() implements Flat {}

    private record Tile() implements Flat {}

    private abstract static sealed class Solid implements Figure permits Cube, Ball {}

    private static final class Cube extends Solid {}

    private static final class Ball extends Solid {}

    private record Dot() implements Figure {}

    private sealed interface Printable extends Job<String> permits Page, Poster {}

    private sealed interface Storable extends Job<String> permits Page, Blob {}

    private record Page() implements Printable, Storable {}

    private record Poster() implements Printable {}

    private record Blob() implements Storable {}

    private sealed interface WithOpenMember extends Job<String> permits Closed, Open {}

    private record Closed() implements WithOpenMember {}

    private non-sealed interface Open extends WithOpenMember {}

    private sealed interface WithAbstractMember extends Job<String> permits Unfinished {}

    private abstract static non-sealed class Unfinished implements WithAbstractMember {}

    private sealed interface WithExtensibleMember extends Job<String> permits Extensible {}

    private static non-sealed class Extensible implements WithExtensibleMember {}

    private static final class Extended extends Extensible {}

    private interface Plain extends Job<String> {}

    private abstract static class Abstract implements Job<String> {}

    private enum Chore implements Job<String> {
        SWEEP,
        WASH
    }

    private enum Operation implements Job<Integer> {
        ONE {
            @Override
            int value() {
                return 1;
            }
        },
        TWO {
            @Override
            int value() {
                return 2;
            }
        };

        abstract int value();
    }

    private record Box<T>(T content) implements Job<T> {}

    /** Not sealed and not final: a job of a type that is a subclass of a registered one has no executor. */
    private static class Base implements Job<String> {}

    private static final class Derived extends Base {}

    private static final class Idle extends BaseOrchestrator<String> {
        Idle(Dispatcher dispatcher, SignalBus bus) {
            super("", dispatcher, bus);
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final RecordedEvents events = new RecordedEvents();

    {
        bus.subscribe(Event.class, events);
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    /** Null where the compiler expects a value: what a careless caller hands over. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return (T) null;
    }

    private void assertNothingTracked() {
        assertThat(bus.runs().kept()).isZero();
        assertThat(events.all()).isEmpty();
    }

    // ---- no executor ----

    @Test
    void a_job_without_an_executor_is_refused_by_dispatch_itself() {
        var refusal = new ResizeImage();
        assertThatThrownBy(() -> dispatcher.dispatch(refusal))
                .isInstanceOfSatisfying(
                        ExecutorNotFoundException.class,
                        thrown -> assertThat(thrown.jobType()).isEqualTo(ResizeImage.class))
                .hasMessageContaining("no executor for job type " + ResizeImage.class.getName())
                .hasMessageContaining("dispatcher.register(ResizeImage.class, executor)")
                .hasMessageContaining("None is registered yet");
        assertThatThrownBy(() -> dispatcher.run(refusal)).isInstanceOf(ExecutorNotFoundException.class);
        assertNothingTracked();
    }

    @Test
    void the_refusal_names_the_nearest_registered_types_nearest_first() {
        dispatcher.register(ResizeImages.class, (job, context) -> "");
        dispatcher.register(Unlike.class, (job, context) -> "");
        dispatcher.register(Dot.class, (job, context) -> "");
        dispatcher.register(Named.class, (job, context) -> "");
        assertThatThrownBy(() -> dispatcher.dispatch(new ResizeImage()))
                .isInstanceOf(ExecutorNotFoundException.class)
                .hasMessageContaining("Nearest of the 4 registered: " + ResizeImages.class.getName() + ",");
    }

    @Test
    void the_refusal_of_an_orchestrators_job_leaves_nothing_tracked() {
        try (var idle = new Idle(dispatcher, bus)) {
            assertThatThrownBy(() -> idle.dispatch(new ResizeImage())).isInstanceOf(ExecutorNotFoundException.class);
            assertThat(idle.hasActiveJobs()).isFalse();
            assertThat(idle.isRunning(ResizeImage.class)).isFalse();
        }
        assertNothingTracked();
    }

    @Test
    void the_refusal_of_a_child_reaches_its_parent_and_leaves_nothing_tracked() throws Exception {
        dispatcher.register(ResizeImages.class, (job, context) -> {
            assertThatThrownBy(() -> context.dispatch(new ResizeImage())).isInstanceOf(ExecutorNotFoundException.class);
            return "";
        });
        dispatcher.run(new ResizeImages());
        assertThat(bus.runs().kept()).isZero();
    }

    @Test
    void an_executor_of_a_superclass_is_none_for_its_subclasses() {
        dispatcher.register(Base.class, (job, context) -> "base");
        assertThatThrownBy(() -> dispatcher.dispatch(new Derived()))
                .isInstanceOf(ExecutorNotFoundException.class)
                .hasMessageContaining(Derived.class.getName())
                .hasMessageContaining(Base.class.getName());
    }

    // ---- ids ----

    @Test
    void an_id_that_was_made_for_a_job_in_flight_is_refused_as_one_that_was_chosen() throws Exception {
        var gate = new Gate();
        dispatcher.register(Sleep.class, (job, context) -> job.gate().pass("woke up"));
        JobHandle<String> first = dispatcher.dispatch(new Sleep(gate));
        gate.awaitArrival();
        var sameId = JobOptions.builder().id(first.id()).build();
        assertThatThrownBy(() -> dispatcher.dispatch(new Sleep(gate), sameId))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(first.id() + " is in flight already");
        gate.open();
        assertThat(first.await(Duration.ofSeconds(30))).isEqualTo(new JobResult.Success<>("woke up"));
        JobHandle<String> second = dispatcher.dispatch(new Sleep(gate), sameId);
        assertThat(second.await(Duration.ofSeconds(30))).isEqualTo(new JobResult.Success<>("woke up"));
    }

    @Test
    void an_id_that_is_in_flight_is_refused_and_the_first_job_goes_on() throws Exception {
        var gate = new Gate();
        dispatcher.register(Named.class, (job, context) -> gate.pass("first"));
        JobHandle<String> first = dispatcher.dispatch(new Named("order-7"));
        gate.awaitArrival();
        try (var other = new Idle(dispatcher, bus)) {
            for (ThrowingCallable again : List.<ThrowingCallable>of(
                    () -> dispatcher.dispatch(new Named("order-7")), () -> other.dispatch(new Named("order-7")))) {
                assertThatThrownBy(again)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("job id order-7 is in flight already")
                        .hasMessageContaining(Named.class.getName())
                        .hasMessageContaining("JobIds.next");
            }
            assertThat(other.hasActiveJobs()).isFalse();
        }
        gate.open();
        assertThat(first.await(Duration.ofSeconds(30))).isEqualTo(new JobResult.Success<>("first"));
        events.awaitTerminalOf("order-7");
        assertThat(events.terminalOf("order-7")).hasSize(1);
    }

    @Test
    void the_owner_of_the_first_job_still_owns_it_after_it_dispatched_the_id_twice() {
        var gate = new Gate();
        dispatcher.register(Named.class, (job, context) -> gate.pass("first"));
        try (var owner = new Idle(dispatcher, bus)) {
            owner.dispatch(new Named("order-7"));
            assertThatThrownBy(() -> owner.dispatch(new Named("order-7"))).isInstanceOf(IllegalStateException.class);
            assertThat(owner.isRunning("order-7")).isTrue();
            gate.open();
        }
    }

    @Test
    void an_id_may_be_used_again_after_the_ending() throws Exception {
        dispatcher.register(Named.class, (job, context) -> job.id());
        for (int i = 0; i < 100; i++)
            assertThat(dispatcher.run(new Named("order-7"))).isEqualTo("order-7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n", "\u2003"})
    void a_blank_id_is_refused(String blank) {
        assertThatThrownBy(() -> new Named(blank))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a job's id must not be blank")
                .hasMessageContaining("\"" + blank + "\"");
        assertThatThrownBy(() -> JobIds.next(blank))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the prefix of an id must not be blank");
        assertThatThrownBy(() -> new BaseEvent(blank) {})
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an event's correlation id must not be blank");
        dispatcher.register(Named.class, (job, context) -> "");
        assertThatThrownBy(() -> dispatcher.dispatch(new Named("a")).cancel(blank))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the reason of a cancellation must not be blank");
    }

    @Test
    void a_null_id_is_refused_with_a_reason() {
        assertThatThrownBy(() -> new Named(nothing()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("a job's id must not be null");
        assertThatThrownBy(() -> JobIds.next(nothing()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the prefix of an id must not be null");
        assertThatThrownBy(() -> new BaseEvent(RefusalTest.<String>nothing()) {})
                .isInstanceOf(NullPointerException.class)
                .hasMessage("an event's correlation id must not be null");
        assertThatThrownBy(() -> new BaseEvent("id", RefusalTest.<Instant>nothing()) {})
                .isInstanceOf(NullPointerException.class)
                .hasMessage("an event's timestamp must not be null");
    }

    @Test
    void metadata_with_a_null_in_it_is_refused_and_later_changes_of_the_map_do_not_show() {
        final class WithMetadata extends BaseJob<String> {
            WithMetadata(Map<String, ?> metadata) {
                super("id", metadata);
            }
        }
        var map = new HashMap<String, Object>();
        map.put("file", nothing());
        assertThatThrownBy(() -> new WithMetadata(map))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("'file'");
        map.put("file", "a.txt");
        var job = new WithMetadata(map);
        map.put("file", "b.txt");
        assertThat(job.metadata()).isEqualTo(Map.of("file", "a.txt"));
        assertThatThrownBy(() -> job.metadata().put("x", "y")).isInstanceOf(UnsupportedOperationException.class);
        assertThat(job).hasToString("WithMetadata(id: id)");
    }

    @Test
    void nulls_are_refused_everywhere() {
        var idle = new Idle(dispatcher, bus);
        List<ThrowingCallable> calls = List.of(
                () -> new Idle(nothing(), bus),
                () -> new Idle(dispatcher, nothing()),
                () -> idle.dispatch(nothing()),
                () -> idle.isRunning(RefusalTest.<String>nothing()),
                () -> idle.isRunning(RefusalTest.<Class<?>>nothing()),
                () -> idle.progress(nothing()),
                () -> idle.awaitIdle(nothing()),
                () -> dispatcher.dispatch(nothing()),
                () -> dispatcher.run(nothing()),
                () -> dispatcher.register(RefusalTest.<Class<Dot>>nothing(), (job, context) -> ""),
                () -> dispatcher.register(Dot.class, nothing()),
                () -> dispatcher.registerAsync(Dot.class, nothing()),
                () -> dispatcher.registerAsync(
                        RefusalTest.<Class<Dot>>nothing(), (job, context) -> CompletableFuture.completedFuture("")),
                () -> dispatcher.registerFamily(Dot.class, nothing()),
                () -> dispatcher.registerFamily(nothing(), (job, context) -> ""),
                () -> dispatcher.replace(Dot.class, nothing()),
                () -> Dispatcher.create(nothing()),
                () -> Dispatcher.builder().worker(nothing()),
                () -> Dispatcher.builder().closeGrace(nothing()),
                () -> SignalBus.builder().time(nothing()),
                () -> SignalBus.builder().threads(nothing()),
                () -> SignalBus.builder().errorHandler(nothing()),
                () -> bus.emit(nothing()),
                () -> bus.subscribe(nothing(), event -> {}),
                () -> bus.subscribe(Event.class, nothing()),
                () -> bus.subscribeWithInfo(nothing(), (event, info) -> {}),
                () -> bus.subscribeWithInfo(Event.class, nothing()),
                () -> bus.events().subscribe(nothing()),
                () -> JobProgress.of(0).withMessage(nothing()),
                () -> JobProgress.of(0).withPayload(nothing()),
                () -> new JobResult.Failure<>(nothing()),
                () -> new JobResult.Cancelled<>(nothing()),
                () -> new JobResult.TimedOut<>(nothing()),
                () -> new JobCancelledException(nothing()),
                () -> new JobTimeoutException(nothing()));
        for (int i = 0; i < calls.size(); i++) {
            assertThatThrownBy(calls.get(i), "call %d", i).isInstanceOf(NullPointerException.class);
        }
        assertThat(dispatcher.executors()).isEmpty();
        assertNothingTracked();
        idle.close();
    }

    @Test
    void nulls_are_refused_inside_a_job_too() throws Exception {
        dispatcher.register(Dot.class, (job, context) -> {
            List<ThrowingCallable> calls = List.of(
                    () -> context.emit(nothing()),
                    () -> context.dispatch(nothing()),
                    () -> context.progress(0.5, nothing()),
                    () -> context.progress(RefusalTest.<JobProgress>nothing()));
            for (int i = 0; i < calls.size(); i++) {
                assertThatThrownBy(calls.get(i), "call %d", i).isInstanceOf(NullPointerException.class);
            }
            return "done";
        });
        assertThat(dispatcher.run(new Dot())).isEqualTo("done");
    }

    @Test
    void a_negative_grace_is_refused() {
        assertThatThrownBy(() -> Dispatcher.builder().closeGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1S")
                .hasMessageContaining("zero");
    }

    // ---- closed ----

    @Test
    void a_closed_dispatcher_refuses_jobs_and_says_so() {
        dispatcher.register(Dot.class, (job, context) -> "");
        dispatcher.close();
        try (var idle = new Idle(dispatcher, bus)) {
            for (ThrowingCallable late : List.<ThrowingCallable>of(
                    () -> dispatcher.dispatch(new Dot()),
                    () -> dispatcher.run(new Dot()),
                    () -> idle.dispatch(new Dot()))) {
                assertThatThrownBy(late)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("this dispatcher is closed");
            }
            assertThat(idle.hasActiveJobs()).isFalse();
        }
        assertNothingTracked();
    }

    @Test
    void a_closed_orchestrator_refuses_jobs_and_says_so() {
        dispatcher.register(Dot.class, (job, context) -> "");
        var idle = new Idle(dispatcher, bus);
        idle.close();
        assertThatThrownBy(() -> idle.dispatch(new Dot()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("orchestrator is closed");
        assertThat(idle.hasActiveJobs()).isFalse();
        assertNothingTracked();
    }

    @Test
    void a_closed_bus_refuses_events_and_subscribers_and_says_so() {
        bus.close();
        assertThatThrownBy(() -> bus.emit(new Event() {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed");
        assertThatThrownBy(() -> bus.subscribe(Event.class, event -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this bus is closed");
    }

    @Test
    void a_job_event_cannot_be_emitted_by_anybody() {
        dispatcher.register(Dot.class, (job, context) -> "");
        dispatcher.dispatch(new Dot()).result().toCompletableFuture().join();
        events.await(TerminalEvent.class::isInstance);
        var ending = events.of(TerminalEvent.class).getFirst();
        assertThatThrownBy(() -> bus.emit(ending))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(JobSuccessEvent.class.getName())
                .hasMessageContaining("emit an event of your own");
    }

    // ---- one executor for a type ----

    @Test
    void a_second_executor_for_a_type_is_refused_and_the_first_stays() throws Exception {
        dispatcher.register(Dot.class, (job, context) -> "first");
        assertThatThrownBy(() -> dispatcher.register(Dot.class, (job, context) -> "second"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Dot.class.getName())
                .hasMessageContaining("has an executor already")
                .hasMessageContaining("replace");
        assertThatThrownBy(() -> dispatcher.registerAsync(
                        Dot.class, (job, context) -> CompletableFuture.completedFuture("second")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(dispatcher.run(new Dot())).isEqualTo("first");
    }

    @Test
    void closing_a_registration_undoes_it_and_makes_room_for_another() throws Exception {
        Subscription first = dispatcher.register(Dot.class, (job, context) -> "first");
        first.close();
        assertThatThrownBy(() -> dispatcher.dispatch(new Dot())).isInstanceOf(ExecutorNotFoundException.class);
        dispatcher.register(Dot.class, (job, context) -> "second");
        first.close(); // once more: it must not take away the second
        assertThat(dispatcher.run(new Dot())).isEqualTo("second");
    }

    @Test
    void a_job_under_way_goes_on_when_its_registration_is_closed() throws Exception {
        var gate = new Gate();
        Subscription registration =
                dispatcher.register(Sleep.class, (job, context) -> job.gate().pass("done"));
        JobHandle<String> handle = dispatcher.dispatch(new Sleep(gate));
        gate.awaitArrival();
        registration.close();
        gate.open();
        assertThat(handle.await(Duration.ofSeconds(30))).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void replacing_is_an_explicit_call_and_needs_something_to_replace() throws Exception {
        assertThatThrownBy(() -> dispatcher.replace(Dot.class, (job, context) -> ""))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no executor to replace for job type " + Dot.class.getName())
                .hasMessageContaining("use register");
        Subscription first = dispatcher.register(Dot.class, (job, context) -> "first");
        Subscription second = dispatcher.replace(Dot.class, (job, context) -> "second");
        assertThat(dispatcher.run(new Dot())).isEqualTo("second");
        first.close();
        assertThat(dispatcher.run(new Dot())).as("the old registration is over").isEqualTo("second");
        second.close();
        assertThatThrownBy(() -> dispatcher.dispatch(new Dot())).isInstanceOf(ExecutorNotFoundException.class);
    }

    @Test
    void a_family_is_replaced_as_a_whole_only() throws Exception {
        dispatcher.register(Shape.class, (job, context) -> 1.0);
        assertThatThrownBy(() -> dispatcher.replace(Circle.class, (job, context) -> 2.0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Shape.class.getName());
        dispatcher.replace(Shape.class, (job, context) -> 3.0);
        assertThat(dispatcher.run(new Circle())).isEqualTo(3.0);
        assertThat(dispatcher.run(new Square())).isEqualTo(3.0);
    }

    // ---- families ----

    @Test
    void an_executor_of_a_family_does_the_jobs_of_every_member() throws Exception {
        dispatcher.register(Shape.class, (job, context) -> switch (job) {
            case Circle circle -> 3.14;
            case Square square -> 1.0;
        });
        assertThat(dispatcher.run(new Circle())).isEqualTo(3.14);
        assertThat(dispatcher.run(new Square())).isEqualTo(1.0);
    }

    @Test
    void a_family_of_families_is_found_down_to_its_last_member() throws Exception {
        dispatcher.register(Figure.class, (job, context) -> job.getClass().getSimpleName());
        assertThat(dispatcher.run(new Disc())).isEqualTo("Disc");
        assertThat(dispatcher.run(new Tile())).isEqualTo("Tile");
        assertThat(dispatcher.run(new Cube())).isEqualTo("Cube");
        assertThat(dispatcher.run(new Ball())).isEqualTo("Ball");
        assertThat(dispatcher.run(new Dot())).isEqualTo("Dot");
    }

    @Test
    void a_member_after_its_family_is_refused() {
        dispatcher.register(Shape.class, (job, context) -> 1.0);
        assertThatThrownBy(() -> dispatcher.register(Circle.class, (job, context) -> 2.0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Circle.class.getName())
                .hasMessageContaining("through its family " + Shape.class.getName());
    }

    @Test
    void a_family_after_its_member_is_refused_and_registers_no_part_of_itself() throws Exception {
        dispatcher.register(Square.class, (job, context) -> 2.0);
        assertThatThrownBy(() -> dispatcher.register(Shape.class, (job, context) -> 1.0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Square.class.getName())
                .hasMessageContaining("a member of the family " + Shape.class.getName());
        assertThatThrownBy(() -> dispatcher.dispatch(new Circle())).isInstanceOf(ExecutorNotFoundException.class);
        assertThat(dispatcher.run(new Square())).isEqualTo(2.0);
    }

    @Test
    void a_family_inside_a_family_is_an_overlap_in_both_orders() {
        Subscription inner = dispatcher.register(Flat.class, (job, context) -> "");
        assertThatThrownBy(() -> dispatcher.register(Figure.class, (job, context) -> ""))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Flat.class.getName());
        inner.close();
        dispatcher.register(Figure.class, (job, context) -> "");
        assertThatThrownBy(() -> dispatcher.register(Flat.class, (job, context) -> ""))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Figure.class.getName());
    }

    @Test
    void two_families_with_a_common_member_are_refused_in_both_orders() throws Exception {
        Subscription printables = dispatcher.register(Printable.class, (job, context) -> "printed");
        assertThatThrownBy(() -> dispatcher.register(Storable.class, (job, context) -> "stored"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Page.class.getName())
                .hasMessageContaining(Printable.class.getName())
                .hasMessageContaining(Storable.class.getName());
        assertThatThrownBy(() -> dispatcher.dispatch(new Blob())).isInstanceOf(ExecutorNotFoundException.class);
        printables.close();
        dispatcher.register(Storable.class, (job, context) -> "stored");
        assertThatThrownBy(() -> dispatcher.register(Printable.class, (job, context) -> "printed"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(Page.class.getName());
        assertThat(dispatcher.run(new Page())).isEqualTo("stored");
    }

    @Test
    void a_family_whose_members_cannot_be_listed_is_refused() {
        for (Class<? extends Job<String>> open : List.of(Plain.class, Abstract.class)) {
            assertThatThrownBy(() -> dispatcher.registerFamily(open, (job, context) -> ""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(open.getName())
                    .hasMessageContaining("not sealed")
                    .hasMessageContaining("Register each job class, or seal the family");
        }
        assertThatThrownBy(() -> dispatcher.register(WithOpenMember.class, (job, context) -> ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(WithOpenMember.class.getName())
                .hasMessageContaining(Open.class.getName());
        assertThatThrownBy(() -> dispatcher.register(WithAbstractMember.class, (job, context) -> ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Unfinished.class.getName());
        assertThatThrownBy(() -> dispatcher.registerFamily(Job.class, (job, context) -> ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(dispatcher.executors()).isEmpty();
        assertThatThrownBy(() -> dispatcher.dispatch(new Closed())).isInstanceOf(ExecutorNotFoundException.class);
    }

    @Test
    void a_member_that_may_be_extended_counts_as_itself_alone() throws Exception {
        dispatcher.register(WithExtensibleMember.class, (job, context) -> "member");
        assertThat(dispatcher.run(new Extensible())).isEqualTo("member");
        assertThatThrownBy(() -> dispatcher.dispatch(new Extended())).isInstanceOf(ExecutorNotFoundException.class);
    }

    @Test
    void an_enum_is_a_family_of_its_constants_also_where_they_have_bodies() throws Exception {
        dispatcher.register(Chore.class, (job, context) -> job.name());
        dispatcher.register(Operation.class, (job, context) -> job.value());
        assertThat(dispatcher.run(Chore.WASH)).isEqualTo("WASH");
        assertThat(dispatcher.run(Operation.ONE)).isEqualTo(1);
        assertThat(dispatcher.run(Operation.TWO)).isEqualTo(2);
    }

    @Test
    void a_generic_record_is_registered_as_a_family() throws Exception {
        dispatcher.registerFamily(Box.class, (job, context) -> ((Box<?>) job).content());
        assertThat(dispatcher.run(new Box<>("text"))).isEqualTo("text");
        assertThat(dispatcher.run(new Box<>(42))).isEqualTo(42);
    }

    @Test
    void closing_the_registration_of_a_family_takes_all_members_away() {
        dispatcher.register(Figure.class, (job, context) -> "").close();
        for (Figure job : List.of(new Disc(), new Tile(), new Cube(), new Ball(), new Dot())) {
            assertThatThrownBy(() -> dispatcher.dispatch(job)).isInstanceOf(ExecutorNotFoundException.class);
        }
        assertThat(dispatcher.executors()).isEmpty();
    }

    // ---- listing ----

    @Test
    void the_registered_executors_are_listed_by_the_type_that_was_named() {
        JobExecutor<Shape, Double> shapes = (job, context) -> 1.0;
        JobExecutor<Dot, String> dots = (job, context) -> "";
        dispatcher.register(Shape.class, shapes);
        Map<Class<?>, Object> before = dispatcher.executors();
        dispatcher.register(Dot.class, dots);
        assertThat(before).as("a copy").isEqualTo(Map.of(Shape.class, shapes));
        assertThat(dispatcher.executors())
                .containsExactlyInAnyOrderEntriesOf(Map.of(Shape.class, shapes, Dot.class, dots));
        assertThat(dispatcher.executors().keySet()).containsExactly(Dot.class, Shape.class); // by name
        assertThatThrownBy(() -> dispatcher.executors().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void ten_thousand_types_can_be_registered_and_each_is_found() throws Exception {
        record Made() implements Job<String> {}
        byte[] classFile = classFileOf(OneOfManyJobs.class);
        var types = new Class<?>[10_000];
        for (int i = 0; i < types.length; i++) {
            var type = MethodHandles.lookup()
                    .defineHiddenClass(classFile, false)
                    .lookupClass()
                    .asSubclass(Job.class);
            types[i] = type;
            int number = i;
            dispatcher.registerFamily(type, (job, context) -> number);
        }
        assertThat(dispatcher.executors()).hasSize(types.length);
        for (int i : new int[] {0, 1, 4_711, 9_999}) {
            var job = (Job<?>) types[i].getDeclaredConstructor().newInstance();
            assertThat((Object) dispatcher.run(job)).isEqualTo(i);
        }
        assertThat(Arrays.stream(types).distinct().count()).isEqualTo(types.length);
        assertThatThrownBy(() -> dispatcher.dispatch(new Made()))
                .isInstanceOf(ExecutorNotFoundException.class)
                .hasMessageContaining("10000 registered");
    }

    private static byte[] classFileOf(Class<?> type) throws IOException {
        String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
        try (var in = type.getResourceAsStream(file)) {
            if (in == null) throw new IOException("no class file " + file);
            return in.readAllBytes();
        }
    }
}

/** What the ten thousand types are made of; not nested, since a copy of a nested class has no name. */
final class OneOfManyJobs implements Job<Object> {}
