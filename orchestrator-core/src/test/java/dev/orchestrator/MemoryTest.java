package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P10: after its end nothing is held by the framework, neither of a job nor of an orchestrator. */
class MemoryTest {
    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    private record Produce(Object payload) implements Job<Object> {}

    private record Sleep(Gate gate) implements Job<String> {}

    private record Noticed() implements Event {}

    /** One whose fields hold something that can be watched. */
    private static final class Holder extends BaseOrchestrator<Object> {
        private final Object held;

        Holder(Dispatcher dispatcher, SignalBus bus, Object held) {
            super("initial", dispatcher, bus);
            this.held = held;
            observe(Noticed.class, event -> emit(this.held));
            on(Produce.class).success((job, result) -> emit(result));
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    {
        dispatcher.register(Sleep.class, (job, context) -> job.gate().passUninterruptibly("woke up"));
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    /** Collects garbage until it is gone; a broken test ends with the deadline. */
    static void assertCollected(WeakReference<?> reference, String what) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (reference.get() != null) {
            if (System.nanoTime() - deadline > 0) throw new AssertionError(what + " is still held");
            System.gc();
            Thread.onSpinWait();
        }
    }

    private static <T> WeakReference<T> weak(T object) {
        return new WeakReference<>(object);
    }

    // ---- jobs ----

    @Test
    void a_handle_keeps_its_id_and_its_result_and_nothing_else() throws Exception {
        var watched = new ArrayList<WeakReference<?>>();
        JobHandle<Object> handle = produced(watched);
        for (WeakReference<?> each : watched) assertCollected(each, "what the handle does not need");
        assertThat(handle.id()).startsWith("Produce-");
        assertThat(handle.await(Duration.ZERO)).isEqualTo(new JobResult.Success<>("result"));
        assertThat(handle.cancel("too late")).isFalse();
    }

    private JobHandle<Object> produced(List<WeakReference<?>> watched) throws Exception {
        var contexts = new AtomicReference<@Nullable JobContext>();
        var threads = new AtomicReference<@Nullable Thread>();
        var registration = dispatcher.register(Produce.class, (job, context) -> {
            contexts.set(context);
            threads.set(Thread.currentThread());
            context.progress(JobProgress.of(0.5).withPayload(job.payload()));
            return "result";
        });
        var payload = new Object();
        var job = new Produce(payload);
        JobHandle<Object> handle = dispatcher.dispatch(job);
        handle.await(LONG);
        registration.close();
        watched.add(weak(payload));
        watched.add(weak(job));
        watched.add(new WeakReference<>(contexts.get()));
        watched.add(new WeakReference<>(threads.get()));
        return handle;
    }

    private record GoOn() implements Job<Object> {}

    @Test
    void a_job_that_goes_on_in_a_stage_keeps_neither_its_thread_nor_the_job_that_it_began_in() throws Exception {
        var stage = new CompletableFuture<Object>();
        var here = JobOptions.builder().worker(Runnable::run).build();
        dispatcher.registerAsync(GoOn.class, (job, context) -> stage, here);
        var watched = new ArrayList<WeakReference<?>>();
        JobHandle<Object> inner = dispatchedInside(watched);
        try {
            for (WeakReference<?> each : watched) assertCollected(each, "what the job in the stage does not need");
        } finally {
            stage.complete("done");
        }
        assertThat(inner.await(LONG)).isEqualTo(new JobResult.Success<>("done"));
    }

    private JobHandle<Object> dispatchedInside(List<WeakReference<?>> watched) throws Exception {
        var threads = new AtomicReference<@Nullable Thread>();
        var inner = new AtomicReference<@Nullable JobHandle<Object>>();
        var registration = dispatcher.register(Produce.class, (job, context) -> {
            threads.set(Thread.currentThread());
            inner.set(dispatcher.dispatch(new GoOn()));
            return "result";
        });
        var job = new Produce(new Object());
        dispatcher.dispatch(job).await(LONG);
        registration.close();
        watched.add(weak(job));
        watched.add(new WeakReference<>(threads.get()));
        return inner.get();
    }

    /** Dispatches while it is made, and is never there to handle the ending. */
    private static final class NeverMade extends BaseOrchestrator<Integer> {
        NeverMade(Dispatcher dispatcher, SignalBus bus, Object payload) {
            super(0, dispatcher, bus);
            dispatch(new Produce(payload));
            throw new IllegalStateException("on purpose");
        }
    }

    @Test
    void a_job_of_an_orchestrator_whose_constructor_has_thrown_is_kept_by_nobody() {
        dispatcher.register(Produce.class, (job, context) -> job.payload());
        WeakReference<Object> payload = payloadOfOneNeverMade();
        TestWork.until(() -> bus.runs().kept() == 0, "the job is still known");
        bus.emit(new Noticed()); // what gathers for it goes with the next event
        time.advance(Duration.ofSeconds(10)); // the warning that it lets its events wait
        assertCollected(payload, "what the job had");
    }

    private WeakReference<Object> payloadOfOneNeverMade() {
        var payload = new Object();
        assertThatThrownBy(() -> new NeverMade(dispatcher, bus, payload)).isInstanceOf(IllegalStateException.class);
        return weak(payload);
    }

    @Test
    void a_result_is_held_by_nobody_but_its_handle() throws Exception {
        var result = new AtomicReference<WeakReference<Object>>();
        dispatcher.register(Produce.class, (job, context) -> {
            var made = new Object();
            result.set(weak(made));
            return made;
        });
        JobHandle<Object> handle = dispatcher.dispatch(new Produce(""));
        handle.await(LONG);
        System.gc();
        assertThat(result.get().get()).as("the handle holds it").isNotNull();
        Reference.reachabilityFence(handle);
        handle = null;
        assertCollected(result.get(), "the result");
    }

    @Test
    void a_job_and_its_result_are_let_go_though_their_owner_lives() throws Exception {
        var owner = new Silent(dispatcher, bus);
        var watched = new ArrayList<WeakReference<?>>();
        dispatcher.register(Produce.class, (job, context) -> {
            var made = new Object();
            watched.add(weak(made));
            context.progress(JobProgress.of(0.5).withPayload(job.payload()));
            return made;
        });
        dispatchFrom(owner, watched);
        for (WeakReference<?> each : watched) assertCollected(each, "an ended job");
        assertThat(owner.hasActiveJobs()).isFalse();
        owner.close();
    }

    private static void dispatchFrom(BaseOrchestrator<?> owner, List<WeakReference<?>> watched) throws Exception {
        var job = new Produce(new Object());
        owner.dispatch(job);
        owner.awaitIdle(LONG);
        owner.awaitIdle(LONG);
        watched.add(weak(job));
        watched.add(weak(job.payload()));
    }

    private static final class Silent extends BaseOrchestrator<Integer> {
        Silent(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        Silent(Dispatcher dispatcher, SignalBus bus, Executor lane) {
            super(0, dispatcher, bus, lane);
        }
    }

    @Test
    void the_last_thing_that_an_orchestrator_handled_is_let_go_though_nothing_comes_after_it() {
        dispatcher.register(Produce.class, (job, context) -> job.payload());
        var lane = new ManualLane();
        var owner = new Silent(dispatcher, bus, lane);
        WeakReference<Object> gone = handledLast(owner, lane);
        assertCollected(gone, "the last job");
        assertThat(owner.hasActiveJobs()).isFalse();
        owner.close();
    }

    private static WeakReference<Object> handledLast(BaseOrchestrator<?> owner, ManualLane lane) {
        var job = new Produce(new Object());
        owner.dispatch(job).result().toCompletableFuture().join();
        lane.runAll();
        return weak(job);
    }

    @Test
    void a_failed_jobs_error_and_a_cancelled_job_are_let_go() throws Exception {
        var error = new AtomicReference<WeakReference<Throwable>>();
        // Not thrown, for the virtual machine itself keeps the exception that a thread's compiled code threw last.
        dispatcher.registerAsync(Produce.class, (job, context) -> {
            var failure = new IllegalStateException("on purpose");
            error.set(weak(failure));
            return CompletableFuture.failedStage(failure);
        });
        dispatcher.dispatch(new Produce("")).await(LONG);
        assertCollected(error.get(), "the error");
        WeakReference<Object> cancelled = cancelled();
        assertCollected(cancelled, "a cancelled job");
        assertThat(time.pending()).isZero();
    }

    private WeakReference<Object> cancelled() throws Exception {
        var gate = new Gate();
        var job = new Sleep(gate);
        JobHandle<String> handle = dispatcher.dispatch(job);
        gate.awaitArrival();
        assertThat(handle.cancel("not needed")).isTrue();
        assertThat(time.pending()).as("the grace").isEqualTo(1);
        gate.open();
        handle.await(LONG);
        return weak(job);
    }

    @Test
    void a_cancelled_jobs_timer_goes_at_once_and_not_when_it_would_have_fired() throws Exception {
        for (int i = 0; i < 100; i++) cancelled();
        assertThat(time.pending()).isZero();
    }

    @Test
    void a_parent_is_let_go_while_its_child_runs() throws Exception {
        record Parent(Gate gate, Object payload) implements Job<String> {}
        var gate = new Gate();
        dispatcher.register(Parent.class, (job, context) -> {
            context.dispatch(new Sleep(job.gate()));
            return "done";
        });
        WeakReference<Object> parent = dispatchedAndForgotten(new Parent(gate, new Object()));
        gate.awaitArrival();
        assertCollected(parent, "the parent");
        assertThat(bus.runs().kept()).isEqualTo(1);
        gate.open();
    }

    private WeakReference<Object> dispatchedAndForgotten(Job<?> job) throws Exception {
        dispatcher.dispatch(job).await(LONG);
        return weak(job);
    }

    @Test
    void a_child_is_let_go_while_its_parent_runs() throws Exception {
        record Parent(Gate gate) implements Job<String> {}
        var child = new CompletableFuture<WeakReference<Object>>();
        dispatcher.register(Produce.class, (job, context) -> "produced");
        dispatcher.register(Parent.class, (job, context) -> {
            child.complete(childOf(context));
            return job.gate().pass("done");
        });
        var gate = new Gate();
        dispatcher.dispatch(new Parent(gate));
        gate.awaitArrival();
        assertCollected(child.join(), "the child");
        gate.open();
    }

    private static WeakReference<Object> childOf(JobContext context) throws Exception {
        var job = new Produce(new Object());
        context.dispatch(job).await(LONG);
        return weak(job);
    }

    @Test
    void nothing_stays_after_thousands_of_jobs() throws Exception {
        dispatcher.register(Produce.class, (job, context) -> {
            if (job.payload().hashCode() % 3 == 0) throw new IllegalStateException("on purpose");
            return job.payload();
        });
        var owner = new Silent(dispatcher, bus);
        var handles = new ArrayList<JobHandle<Object>>();
        try (var log = new CapturedLog()) {
            for (int i = 0; i < 5_000; i++) {
                handles.add(i % 2 == 0 ? owner.dispatch(new Produce(i)) : dispatcher.dispatch(new Produce(i)));
            }
            for (JobHandle<Object> handle : handles) handle.await(LONG);
            owner.awaitIdle(LONG);
            assertThat(log.warnings()).hasSize(1); // a failure that nobody handles, once per job type
        }
        assertThat(bus.runs().kept()).isZero();
        assertThat(owner.hasActiveJobs()).isFalse();
        assertThat(time.pending()).isZero();
        owner.close();
    }

    // ---- orchestrators ----

    @Test
    void a_closed_orchestrator_is_let_go_though_its_bus_and_dispatcher_live() throws Exception {
        dispatcher.register(Produce.class, (job, context) -> job.payload());
        WeakReference<Object> gone = usedAndClosed(new Holder(dispatcher, bus, new Object()));
        assertCollected(gone, "the orchestrator");
        bus.emit(new Noticed());
    }

    private WeakReference<Object> usedAndClosed(Holder orchestrator) throws Exception {
        orchestrator.onState(state -> {});
        orchestrator.dispatch(new Produce(new Object())).await(LONG);
        bus.emit(new Noticed());
        orchestrator.awaitIdle(LONG);
        orchestrator.close();
        return weak(orchestrator);
    }

    @Test
    void a_closed_orchestrator_is_let_go_though_its_job_still_runs() {
        var gate = new Gate();
        WeakReference<Object> gone = closedWhileItsJobRuns(gate);
        assertCollected(gone, "the orchestrator");
        assertThat(bus.runs().kept()).isEqualTo(1);
        gate.open();
    }

    private WeakReference<Object> closedWhileItsJobRuns(Gate gate) {
        var orchestrator = new Holder(dispatcher, bus, new Object());
        orchestrator.dispatch(new Sleep(gate));
        gate.awaitArrival();
        orchestrator.close();
        return weak(orchestrator);
    }

    @Test
    void a_closed_orchestrator_is_let_go_though_a_child_of_its_job_still_runs() throws Exception {
        record Parent(Gate gate) implements Job<String> {}
        dispatcher.register(Parent.class, (job, context) -> {
            context.dispatch(new Sleep(job.gate()));
            return "done";
        });
        var gate = new Gate();
        var gone = new AtomicReference<WeakReference<Object>>();
        Runnable use = () -> {
            var orchestrator = new Holder(dispatcher, bus, new Object());
            orchestrator.dispatch(new Parent(gate));
            gate.awaitArrival();
            orchestrator.close();
            gone.set(weak(orchestrator));
        };
        use.run();
        assertCollected(gone.get(), "the orchestrator");
        gate.open();
    }

    @Test
    void an_orchestrator_that_was_closed_before_it_began_is_let_go_and_its_timer_with_it() {
        WeakReference<Object> gone = closedUnused();
        assertThat(time.pending()).isZero();
        assertCollected(gone, "the orchestrator");
    }

    private WeakReference<Object> closedUnused() {
        var orchestrator = new Holder(dispatcher, bus, new Object());
        bus.emit(new Noticed());
        assertThat(time.pending()).as("the warning").isEqualTo(1);
        orchestrator.close();
        return weak(orchestrator);
    }

    @Test
    void an_orchestrator_that_its_lane_rejected_is_let_go() throws Exception {
        try (var log = new CapturedLog()) {
            WeakReference<Object> gone = rejected();
            assertCollected(gone, "the orchestrator");
            assertThat(log.lines()).isNotEmpty();
        }
    }

    private WeakReference<Object> rejected() {
        final class Rejected extends BaseOrchestrator<String> {
            Rejected() {
                super("", dispatcher, bus, turn -> {
                    throw new IllegalStateException("the window is gone");
                });
                observe(Noticed.class, event -> {});
            }
        }
        var orchestrator = new Rejected();
        var completed = new CompletableFuture<Boolean>();
        orchestrator.states().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(String state) {}

            @Override
            public void onError(Throwable error) {
                completed.completeExceptionally(error);
            }

            @Override
            public void onComplete() {
                completed.complete(true);
            }
        });
        completed.join();
        return weak(orchestrator);
    }

    // ---- subscriptions and registrations ----

    @Test
    void the_handler_of_a_closed_subscription_is_let_go() {
        WeakReference<Object> gone = subscribedAndClosed();
        assertCollected(gone, "the handler");
        bus.emit(new Noticed());
    }

    private WeakReference<Object> subscribedAndClosed() {
        var seen = new CopyOnWriteArrayList<Event>();
        Consumer<Event> handler = seen::add;
        Subscription subscription = bus.subscribe(Noticed.class, handler);
        bus.emit(new Noticed());
        subscription.close();
        assertThat(seen).hasSize(1);
        return weak(handler);
    }

    @Test
    void a_cancelled_stream_of_events_is_let_go_with_what_waited_for_it() {
        WeakReference<Object> gone = streamedAndCancelled();
        assertCollected(gone, "the subscriber");
    }

    private WeakReference<Object> streamedAndCancelled() {
        var given = new AtomicReference<Flow.Subscription>();
        var subscriber = new Flow.Subscriber<Event>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                given.set(subscription);
            }

            @Override
            public void onNext(Event event) {}

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onComplete() {}
        };
        bus.events().subscribe(subscriber);
        bus.emit(new Noticed());
        given.get().cancel();
        return weak(subscriber);
    }

    @Test
    void the_executor_of_a_closed_registration_is_let_go() throws Exception {
        WeakReference<Object> gone = registeredAndClosed();
        assertCollected(gone, "the executor");
    }

    private WeakReference<Object> registeredAndClosed() throws Exception {
        var payload = new Object();
        JobExecutor<Produce, Object> executor = (job, context) -> payload;
        Subscription registration = dispatcher.register(Produce.class, executor);
        dispatcher.run(new Produce(""));
        registration.close();
        return weak(executor);
    }

    // ---- classes ----

    @Test
    void the_event_class_of_a_plugin_can_be_unloaded_though_it_was_emitted_on_the_global_bus() throws Exception {
        var seen = new CopyOnWriteArrayList<Class<?>>();
        try (var ignored = SignalBus.global().subscribe(Event.class, event -> seen.add(event.getClass()))) {
            WeakReference<ClassLoader> gone = emittedByPlugin();
            assertThat(seen).hasSize(1);
            seen.clear();
            assertThat(ignored).isNotNull();
            assertCollected(gone, "the plug-in's class loader");
        }
    }

    @Test
    void the_event_class_of_a_plugin_can_be_unloaded_though_a_handler_emitted_it() throws Exception {
        var gone = new AtomicReference<WeakReference<ClassLoader>>();
        try (var subscription = bus.subscribe(Noticed.class, event -> {
            try {
                Event ofPlugin = eventOfPlugin();
                bus.emit(ofPlugin);
                gone.set(weak(ofPlugin.getClass().getClassLoader()));
            } catch (ReflectiveOperationException impossible) {
                throw new AssertionError(impossible);
            }
        })) {
            bus.emit(new Noticed());
            assertThat(subscription).isNotNull();
        }
        assertCollected(gone.get(), "the plug-in's class loader");
    }

    @Test
    void the_job_class_of_a_plugin_can_be_unloaded_after_its_registration_was_closed() throws Exception {
        WeakReference<ClassLoader> gone = ranByPlugin();
        assertCollected(gone, "the plug-in's class loader");
    }

    private WeakReference<ClassLoader> emittedByPlugin() throws ReflectiveOperationException {
        Event event = eventOfPlugin();
        SignalBus.global().emit(event);
        return weak(event.getClass().getClassLoader());
    }

    private static Event eventOfPlugin() throws ReflectiveOperationException {
        var type = new PluginLoader().loadClass(PluginEvent.class.getName());
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        var event = (Event) constructor.newInstance();
        assertThat(event).isNotInstanceOf(PluginEvent.class);
        return event;
    }

    private WeakReference<ClassLoader> ranByPlugin() throws Exception {
        var type = new PluginLoader().loadClass(PluginJob.class.getName()).asSubclass(Job.class);
        Subscription registration = dispatcher.registerFamily(type, (job, context) -> "done");
        var orchestrator = new Silent(dispatcher, bus);
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        var job = constructor.newInstance();
        orchestrator.dispatch((Job<?>) job);
        orchestrator.awaitIdle(LONG);
        registration.close();
        orchestrator.close();
        return weak(type.getClassLoader());
    }

    /** Loads the plug-in's classes itself, from the files beside this one. */
    private static final class PluginLoader extends ClassLoader {
        PluginLoader() {
            super(MemoryTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.contains(".Plugin")) return super.loadClass(name, resolve);
            String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
            try (InputStream in = MemoryTest.class.getResourceAsStream(file)) {
                if (in == null) throw new ClassNotFoundException(name);
                byte[] classFile = in.readAllBytes();
                return defineClass(name, classFile, 0, classFile.length);
            } catch (IOException unreadable) {
                throw new ClassNotFoundException(name, unreadable);
            }
        }
    }
}

/** An event as a plug-in may have it. */
final class PluginEvent implements Event {}

/** A job as a plug-in may have it. */
final class PluginJob implements Job<Object> {}
