package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Signatures that do not compile for users (a hard place): one user class of each kind, with every lint on. */
class CompileShapesTest {
    record Plain(int n) implements Job<String> {}

    record Generic<T>(T content) implements Job<List<T>> {}

    record Nothing() implements Job<Void> {}

    record Many(List<String> names) implements Job<List<String>> {}

    record Perhaps() implements Job<@Nullable String> {}

    record WithOptionsComponent(String options) implements Job<String> {}

    sealed interface Shape extends Job<Double> {}

    record Circle(double radius) implements Shape {}

    record Square(double side) implements Shape {}

    sealed interface Mixed<R> extends Job<R> {}

    record Text() implements Mixed<String> {}

    record Number() implements Mixed<Integer> {}

    enum Chore implements Job<String> {
        WASH,
        COOK {
            @Override
            String done() {
                return "eaten";
            }
        };

        String done() {
            return "done";
        }
    }

    record Happened(String what) implements Event {}

    static final class OfAnyJob implements JobExecutor<Job<?>, String> {
        @Override
        public String execute(Job<?> job, JobContext context) {
            return job.getClass().getSimpleName();
        }
    }

    @Test
    void every_kind_of_job_can_be_registered_and_run() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Plain.class, new OfAnyJob());
            dispatcher.registerFamily(Generic.class, (job, context) -> List.of(((Generic<?>) job).content()));
            dispatcher.register(Nothing.class, (job, context) -> null);
            dispatcher.register(Many.class, (job, context) -> new ArrayList<>(job.names()));
            dispatcher.registerAsync(Perhaps.class, (job, context) -> CompletableFuture.completedFuture(null));
            dispatcher.register(WithOptionsComponent.class, (job, context) -> job.options());
            dispatcher.register(Shape.class, (job, context) -> switch (job) {
                case Circle circle -> Math.PI * circle.radius() * circle.radius();
                case Square square -> square.side() * square.side();
            });
            dispatcher.registerFamily(Mixed.class, (job, context) -> job instanceof Text ? "text" : 7);
            dispatcher.register(Chore.class, (job, context) -> job.done());

            assertThat(dispatcher.run(new Plain(1))).isEqualTo("Plain");
            List<String> page = dispatcher.run(new Generic<>("one"));
            assertThat(page).containsExactly("one");
            assertThat(dispatcher.run(new Nothing())).isNull();
            assertThat(dispatcher.run(new Many(List.of("a")))).containsExactly("a");
            assertThat(dispatcher.run(new Perhaps())).isNull();
            assertThat(dispatcher.run(new WithOptionsComponent("x"))).isEqualTo("x");
            assertThat(dispatcher.run(new Square(2))).isEqualTo(4.0);
            String text = dispatcher.run(new Text());
            int number = dispatcher.run(new Number());
            assertThat(text + number).isEqualTo("text7");
            assertThat(dispatcher.run(Chore.WASH) + dispatcher.run(Chore.COOK)).isEqualTo("doneeaten");
        }
    }

    @Test
    void handlers_can_be_method_references_and_handlers_of_supertypes() {
        try (var bus = SignalBus.scoped()) {
            List<Happened> list = Collections.synchronizedList(new ArrayList<>());
            List<Object> anything = Collections.synchronizedList(new ArrayList<>());
            Consumer<Object> ofObjects = anything::add;
            BiConsumer<Event, Object> withInfo = (event, info) -> anything.add(info);
            bus.subscribe(Happened.class, list::add);
            bus.subscribe(Happened.class, ofObjects);
            bus.subscribe(Event.class, anything::add);
            bus.subscribeWithInfo(Happened.class, withInfo);
            bus.emit(new Happened("it"));
            assertThat(list).containsExactly(new Happened("it"));
            assertThat(anything).hasSize(3);
        }
    }

    /** One that fits every type and keeps the type of the result. */
    static final class Calls<J extends Job<?>, R extends @Nullable Object>
            implements JobInterceptor<J, R>, AsyncJobInterceptor<J, R> {
        private final List<Object> seen;

        Calls(List<Object> seen) {
            this.seen = seen;
        }

        @Override
        public R intercept(JobCall<J, R> call) throws Exception {
            seen.add(call.job());
            return call.proceed();
        }

        @Override
        public CompletionStage<R> interceptAsync(AsyncJobCall<J, R> call) {
            seen.add(call.job());
            return call.proceed();
        }
    }

    static final class OfShapes implements JobInterceptor<Shape, Double> {
        @Override
        public Double intercept(JobCall<Shape, Double> call) throws Exception {
            return call.proceed() * 2;
        }
    }

    private <J extends Job<?>, R extends @Nullable Object> R passedOn(JobCall<J, R> call) throws Exception {
        return call.proceed();
    }

    private <J extends Job<?>, R extends @Nullable Object> CompletionStage<R> passedOnAsync(AsyncJobCall<J, R> call) {
        return call.proceed();
    }

    private String shouted(JobCall<Plain, String> call) throws Exception {
        return call.proceed() + "!";
    }

    @Test
    void every_kind_of_job_can_be_intercepted() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Plain.class, new OfAnyJob());
            dispatcher.registerFamily(Generic.class, (job, context) -> List.of(((Generic<?>) job).content()));
            dispatcher.register(Nothing.class, (job, context) -> null);
            dispatcher.registerAsync(Perhaps.class, (job, context) -> CompletableFuture.completedFuture("perhaps"));
            dispatcher.register(Square.class, (job, context) -> job.side() * job.side());
            dispatcher.registerFamily(Mixed.class, (job, context) -> job instanceof Text ? "text" : 7);
            dispatcher.register(Chore.class, (job, context) -> job.done());

            List<Object> seen = Collections.synchronizedList(new ArrayList<>());
            dispatcher.intercept(Plain.class, this::shouted);
            dispatcher.intercept(Plain.class, this::passedOn);
            dispatcher.intercept(Plain.class, JobCall::proceed);
            dispatcher.intercept(Plain.class, call -> call.job().n() == 1 ? call.proceed() : "another");
            dispatcher.intercept(Shape.class, new OfShapes()); // a family whose members have one type of results
            dispatcher.intercept(Square.class, new Calls<>(seen));
            dispatcher.intercept(Nothing.class, call -> call.proceed());
            dispatcher.intercept(Perhaps.class, new Calls<>(seen));
            dispatcher.interceptAsync(Perhaps.class, call -> call.proceed().thenApply(result -> null));
            dispatcher.interceptAsync(Perhaps.class, this::passedOnAsync);
            dispatcher.intercept(Chore.class, call -> call.job() + " " + call.proceed());
            dispatcher.interceptFamily(Generic.class, call -> List.of(call.job(), "instead"));
            dispatcher.interceptFamily(Mixed.class, new Calls<>(seen));
            dispatcher.interceptAll(this::passedOn);
            dispatcher.interceptAll(new Calls<>(seen));
            dispatcher.interceptAllAsync(new Calls<>(seen));
            dispatcher.interceptDispatch(job -> job instanceof Plain ? this::passedOn : null);
            dispatcher.interceptDispatch(job -> new Calls<>(seen));

            assertThat(dispatcher.run(new Plain(1))).isEqualTo("Plain!");
            assertThat(dispatcher.run(new Plain(2))).isEqualTo("another!");
            List<Object> page = dispatcher.run(new Generic<Object>("one"));
            assertThat(page).containsExactly(new Generic<>("one"), "instead");
            assertThat(dispatcher.run(new Nothing())).isNull();
            assertThat(dispatcher.run(new Perhaps())).isNull();
            assertThat(dispatcher.run(new Square(2))).isEqualTo(8.0);
            assertThat(dispatcher.run(new Text())).isEqualTo("text");
            assertThat(dispatcher.run(Chore.COOK)).isEqualTo("COOK eaten");
            assertThat(seen).contains(new Square(2), new Text(), new Perhaps(), Chore.COOK);
        }
    }

    static final class Observer extends BaseOrchestrator<List<String>> {
        Observer(Dispatcher dispatcher, SignalBus bus) {
            super(List.of(), dispatcher, bus);
            on(Shape.class).success((shape, area) -> add("area " + area));
            on(Nothing.class).ended((job, result) -> add("ended"));
            on(Chore.class).success((chore, result) -> add(chore + " " + result));
            observe(Happened.class, this::happened);
            observeWithInfo(Happened.class, this::happenedWithInfo);
            observe(JobEvent.class, event -> add(event.correlationId()));
            observeSuccess(Many.class, (job, names) -> add(String.join(",", names)));
        }

        private void happened(Happened event) {
            add(event.what());
        }

        private void happenedWithInfo(Happened event, EventInfo info) {
            add(event.what() + info.id());
        }

        private void add(String text) {
            update(before -> {
                var after = new ArrayList<>(before);
                after.add(text);
                return List.copyOf(after);
            });
        }
    }

    @Test
    void an_orchestrator_declares_handlers_of_every_kind() {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            var lane = new ManualLane();
            var observer = new Observer(dispatcher, bus);
            observer.onState(state -> lane.execute(() -> {}));
            assertThat(observer.state()).isEmpty();
        }
    }
}
