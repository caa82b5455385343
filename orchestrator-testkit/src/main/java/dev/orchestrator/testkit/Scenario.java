package dev.orchestrator.testkit;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.CancelRunning;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobEvent;
import dev.orchestrator.JobProgress;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.OrchestratorControl;
import dev.orchestrator.testkit.Timeline.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/**
 * A test of one orchestrator: given a state, when something happens, then what it does about it.
 *
 * <p>The orchestrator gets a dispatcher that needs no executors: each job it dispatches is in the hands of the test, which
 * says how it ends. Everything that comes of a <em>when</em> has happened when the call returns.
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="scenario"}
 *
 * <p>A <em>then</em> is about what the orchestrator did since the first <em>when</em> after the <em>then</em> before: the
 * states it came to, the jobs it dispatched, the events it signalled. So several of them may look at the same. What a
 * handler signals is told when the handler is over, and so stands behind the states that it set. For the test's own thread
 * only.
 *
 * @param <O> the orchestrator
 * @param <S> its state
 */
public final class Scenario<O extends BaseOrchestrator<S>, S> implements AutoCloseable {
    private final TestWorld world;
    private final RecordingDispatcher jobs;
    private final O orchestrator;
    private final OrchestratorControl control;

    /** The events that came from the test. */
    private final Set<Event> ofTheTest = Collections.newSetFromMap(new IdentityHashMap<>());

    private int from; // where in the timeline the next then begins
    private boolean looked;

    private Scenario(TestWorld world, BiFunction<Dispatcher, SignalBus, O> making) {
        this.world = world;
        this.jobs = RecordingDispatcher.on(world.bus());
        this.orchestrator = making.apply(jobs.dispatcher(), world.bus());
        this.control = world.controlOf(orchestrator);
        orchestrator.start();
        settle();
        from = world.timeline().entries().size();
    }

    /**
     * Begins a test of an orchestrator, which ends with the world.
     *
     * @param making makes the orchestrator with the dispatcher and the bus that it is given
     */
    public static <O extends BaseOrchestrator<S>, S> Scenario<O, S> of(
            TestWorld world, BiFunction<Dispatcher, SignalBus, O> making) {
        Objects.requireNonNull(world, "world");
        return world.own(new Scenario<>(world, Objects.requireNonNull(making, "making")));
    }

    /** The orchestrator. */
    public O orchestrator() {
        return orchestrator;
    }

    /** Cancels the jobs that are in flight and closes the orchestrator; the world does it. */
    @Override
    public void close() {
        orchestrator.close(CancelRunning.YES);
        jobs.close();
    }

    private void settle() {
        world.runUntilIdle();
    }

    // ---- given ----

    /** Puts the orchestrator into a state. */
    public Scenario<O, S> given(S state) {
        control.replaceState(Objects.requireNonNull(state, "state"));
        settle();
        from = world.timeline().entries().size();
        return this;
    }

    // ---- when ----

    private Scenario<O, S> when(Runnable what) {
        if (looked) from = world.timeline().entries().size();
        looked = false;
        what.run();
        settle();
        return this;
    }

    /** When its user calls it. */
    public Scenario<O, S> when(Consumer<? super O> intent) {
        Objects.requireNonNull(intent, "intent");
        return when(() -> intent.accept(orchestrator));
    }

    /** When somebody emits an event. */
    public Scenario<O, S> whenHappens(Event event) {
        ofTheTest.add(Objects.requireNonNull(event, "event"));
        return when(() -> world.bus().emit(event));
    }

    /** When time passes. */
    public Scenario<O, S> whenPasses(Duration time) {
        return when(() -> world.advance(time));
    }

    /**
     * When its job of that type succeeds; of several, the one that began first.
     *
     * @throws AssertionError if none is in flight; so it is with all methods about jobs
     */
    public <J extends Job<R>, R extends @Nullable Object> Scenario<O, S> whenSucceeds(Class<J> type, R value) {
        return when(() -> jobs.succeed(type, value));
    }

    /** When its job that is equal to that one succeeds; of several, the one that began first. */
    public <R extends @Nullable Object> Scenario<O, S> whenSucceeds(Job<R> job, R value) {
        return when(() -> jobs.succeed(job, value));
    }

    /** When an attempt of its job of that type fails; what follows is for the job's retry policy to say. */
    public Scenario<O, S> whenFails(Class<? extends Job<?>> type, Throwable error) {
        return when(() -> jobs.fail(type, error));
    }

    /** When an attempt of its job that is equal to that one fails. */
    public Scenario<O, S> whenFails(Job<?> job, Throwable error) {
        return when(() -> jobs.fail(job, error));
    }

    /** When its job of that type reports how far it is. */
    public Scenario<O, S> whenReports(Class<? extends Job<?>> type, double fraction) {
        return when(() -> jobs.report(type, JobProgress.of(fraction)));
    }

    /** When its job of that type emits an event of its own. */
    public Scenario<O, S> whenEmits(Class<? extends Job<?>> type, Event event) {
        ofTheTest.add(Objects.requireNonNull(event, "event"));
        return when(() -> jobs.emit(type, event));
    }

    /** When its job of that type is cancelled. */
    public Scenario<O, S> whenCancelled(Class<? extends Job<?>> type, String reason) {
        return when(() -> orchestrator.cancel(jobs.idOf(type), reason));
    }

    /**
     * When the time of its job of that type is up.
     *
     * @throws AssertionError also if the job has no time limit
     */
    public Scenario<O, S> whenTimesOut(Class<? extends Job<?>> type) {
        return when(() -> {
            String id = jobs.idOf(type);
            while (orchestrator.isRunning(id)) {
                if (!world.advanceToNextTimer())
                    throw new AssertionError("job " + id + " of type " + type.getName()
                            + " has no time limit: nothing happens however long one waits. Dispatch it with a timeout");
            }
        });
    }

    // ---- then ----

    /**
     * Then it did exactly this, in this order: a {@link Job} stands for its dispatch, an {@link Event} for its signalling,
     * everything else for a state.
     */
    public Scenario<O, S> then(Object... what) {
        check("what the orchestrator did", done(), Arrays.asList(what));
        return this;
    }

    /** Then it did nothing: no state, no job, no event. */
    public Scenario<O, S> thenNothing() {
        return then();
    }

    /** Then it came to exactly these states, in this order. */
    @SafeVarargs
    public final Scenario<O, S> thenStates(S... states) {
        var expected = new ArrayList<S>();
        for (S state : states) expected.add(state);
        check("the states", done(Entry.StateChanged.class), expected);
        return this;
    }

    /** Then its state is that one, whether or not it has changed. */
    public Scenario<O, S> thenState(S state) {
        looked = true;
        Assertions.assertThat(control.state())
                .as("the state, in the timeline%n%s", world.timeline())
                .isEqualTo(state);
        return this;
    }

    /** Then it dispatched exactly these jobs, in this order. */
    public Scenario<O, S> thenDispatched(Job<?>... dispatched) {
        check("the dispatched jobs", done(Entry.Dispatched.class), Arrays.asList(dispatched));
        return this;
    }

    /** Then it signalled exactly these events, in this order. */
    public Scenario<O, S> thenSignalled(Event... events) {
        check("the signalled events", done(Entry.Told.class), Arrays.asList(events));
        return this;
    }

    private void check(String what, List<Object> found, List<?> expected) {
        looked = true;
        Assertions.assertThat(found)
                .as("%s, in the timeline%n%s", what, world.timeline())
                .isEqualTo(expected);
    }

    private List<Object> done() {
        return done(Entry.class);
    }

    private List<Object> done(Class<? extends Entry> kind) {
        List<Entry> entries = world.timeline().entries();
        var found = new ArrayList<>();
        for (Entry entry : entries.subList(from, entries.size())) {
            Object done = kind.isInstance(entry) ? ofOrchestrator(entry) : null;
            if (done != null) found.add(done);
        }
        return found;
    }

    private @Nullable Object ofOrchestrator(Entry entry) {
        return switch (entry) {
            case Entry.StateChanged change when change.orchestrator().equals(orchestrator) -> change.after();
            case Entry.Dispatched dispatched
            when orchestrator.name().equals(dispatched.job().owner()) ->
                dispatched.job().job();
            case Entry.Told told when isSignal(told.event()) -> told.event();
            default -> null;
        };
    }

    private boolean isSignal(Event event) {
        return !(event instanceof JobEvent) && !ofTheTest.contains(event);
    }
}
