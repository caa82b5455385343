package dev.orchestrator;

import dev.orchestrator.spi.OrchestratorControl;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The part of a {@link BaseOrchestrator} that keeps one immutable state and gives out what screens and services show.
 *
 * <p>Everything is given out on the orchestrator's lane, one call at a time. Every method may be called from any thread.
 *
 * @param <S> the type of the state: immutable, with an {@code equals} that compares what is in it
 */
public abstract sealed class StateHolder<S> permits BaseOrchestrator {
    private final SignalBus bus;
    final Outlets<S> outlets;
    private final StateCell<S> state;
    private final @Nullable OrchestratorControl control; // for the probe; null if there is none

    // Written once, in the user's constructor; read by whoever changes the state.
    private volatile @Nullable StateHistory<S> history;
    private volatile @Nullable BinaryOperator<S> staying; // what undo and redo leave as it is; null for nothing

    @SuppressWarnings("this-escape") // nothing calls back before the user's constructor has returned (P15)
    StateHolder(S initial, SignalBus bus) {
        this.bus = Objects.requireNonNull(bus, "bus");
        var scope = bus.scope();
        this.state = new StateCell<>(initial);
        this.outlets = new Outlets<>(state, scope.wall(), Ids.nameOf(getClass()), () -> inbox().wake());
        this.control = scope.probe().isThere() ? new Control() : null;
    }

    final SignalBus bus() {
        return bus;
    }

    abstract Inbox inbox();

    abstract BaseOrchestrator<S> self();

    /** This orchestrator as a probe sees it. */
    private final class Control implements OrchestratorControl {
        @Override
        public BaseOrchestrator<?> orchestrator() {
            return self();
        }

        @Override
        public String name() {
            return inbox().name();
        }

        @Override
        public Object state() {
            return state.get();
        }

        @Override
        @SuppressWarnings("unchecked") // as its Javadoc warns
        public void replaceState(Object next) {
            Objects.requireNonNull(next, "state");
            change(before -> (S) next);
        }
    }

    final void tellProbeOpened() {
        if (control != null) bus.scope().probe().opened(control);
    }

    /** No further change; what is there is still given out. */
    final void freeze() {
        state.freeze();
        outlets.close();
        if (control != null) bus.scope().probe().closed(control);
    }

    final void refuseIfBegun(String what) {
        if (inbox().isClosed()) {
            throw new IllegalStateException("orchestrator " + inbox().name() + " is closed");
        }
        if (inbox().hasBegun()) {
            throw new IllegalStateException("orchestrator " + inbox().name() + " handles events already; " + what
                    + " in the constructor, before the first call from outside");
        }
    }

    // ---- the state ----

    /** The latest state; never waits. */
    public final S state() {
        inbox().touch();
        return state.get();
    }

    /**
     * The state as a stream: the current one at once, then the later ones.
     *
     * <p>A subscriber that asks for fewer than there are skips some, and never misses the last. It is called on the lane,
     * one call at a time. After {@link BaseOrchestrator#close} it gets the last state when it asks for it, then the
     * completion (P6).
     */
    public final Flow.Publisher<S> states() {
        inbox().touch();
        return outlets.states;
    }

    /**
     * A part of the state as a stream, which gives something only when that part has changed; otherwise as
     * {@link #states}.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="select"}
     *
     * @param part called on the lane, must only compute and give no null: an {@link java.util.Optional} says that there is
     *     nothing. What it throws ends the stream with {@code onError}
     */
    public final <T> Flow.Publisher<T> select(Function<? super S, ? extends T> part) {
        Objects.requireNonNull(part, "part");
        inbox().touch();
        return outlets.states.select(part);
    }

    /**
     * Something made of this state and another orchestrator's, as a stream on this one's lane; otherwise as
     * {@link #select}.
     *
     * <p>The two states that are combined both were the current ones at one moment, and neither side goes back; when both
     * are quiet, the last one given is made of the last state of each. The stream ends with this orchestrator. If the other
     * one is closed first, its last state stays.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="combine"}
     *
     * @param other whose state is combined with this one's; it may be on another bus and another lane
     * @param combination called on this lane, must only compute and give no null. What it throws ends the stream with
     *     {@code onError}
     */
    public final <O, T> Flow.Publisher<T> combine(
            StateHolder<O> other, BiFunction<? super S, ? super O, ? extends T> combination) {
        Objects.requireNonNull(other, "other");
        Objects.requireNonNull(combination, "combination");
        inbox().touch();
        other.inbox().touch();
        return outlets.states.combine(other.outlets.states, combination);
    }

    /**
     * Calls a handler with the current state at once, then with the later ones, on the lane (P6).
     *
     * @return the subscription; it ends with this orchestrator too
     */
    public final Subscription onState(Consumer<? super S> handler) {
        Objects.requireNonNull(handler, "handler");
        inbox().touch();
        return outlets.states.onState(handler);
    }

    /**
     * Calls a handler with a part of the state at once, then whenever that part has changed, on the lane.
     *
     * @param part as for {@link #select}; what it throws is told to the bus's error handler, and ends the subscription
     * @return the subscription; it ends with this orchestrator too
     */
    public final <T> Subscription onState(Function<? super S, ? extends T> part, Consumer<? super T> handler) {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(handler, "handler");
        inbox().touch();
        return outlets.states.onState(part, handler);
    }

    /**
     * Replaces the state.
     *
     * <p>A state equal to the current one is no change. After {@link BaseOrchestrator#close} this does nothing.
     *
     * @param next the new state
     */
    protected final void emit(S next) {
        Objects.requireNonNull(next, "the new state must not be null");
        update(before -> next);
    }

    /**
     * Makes the next state of the current one; no update of any thread is lost (P6).
     *
     * <p>After {@link BaseOrchestrator#close} this does nothing.
     *
     * @param change may be called more than once and must only compute; what it throws is thrown here, and nothing changes
     * @throws NullPointerException if {@code change} gives null
     */
    protected final void update(UnaryOperator<S> change) {
        Objects.requireNonNull(change, "change");
        inbox().touch();
        change(change);
    }

    private void change(UnaryOperator<S> change) {
        if (control == null) {
            if (replace(change)) outlets.states.stateChanged();
            return;
        }
        var noted = new StateChange<>(change);
        if (replace(noted)) tellChanged(noted.before(), noted.after());
    }

    private boolean replace(UnaryOperator<S> change) {
        StateHistory<S> noting = history;
        return noting == null ? state.update(change) : noting.update(change);
    }

    private void tellChanged(S before, S after) {
        if (control != null) bus.scope().probe().stateChanged(control, before, after);
        outlets.states.stateChanged();
    }

    // ---- effects ----

    /**
     * Has something happen once: a message, a sound, a way to another screen; what is no state, since it must neither be
     * lost nor happen again.
     *
     * <p>A subscriber of the states that asks for enough gets the one that was set before it first, or a later one.
     *
     * <p>It is kept until one taker has it, see {@link #effects(Class)}; at most 1,024 are, beyond which the oldest is
     * dropped and the bus's error handler is told, unless {@link #keepEffects} says otherwise. After
     * {@link BaseOrchestrator#close} this does nothing.
     *
     * {@snippet class="dev.orchestrator.Snippets" region="effects"}
     *
     * @throws IllegalStateException if there is no room for it and the chosen rule is {@code fail}
     */
    protected final void effect(Object effect) {
        Objects.requireNonNull(effect, "effect");
        inbox().touch();
        outlets.effects().add(effect);
    }

    /** All effects, as {@link #effects(Class)} gives those of a type. */
    public final Flow.Publisher<Object> effects() {
        return effects(Object.class);
    }

    /**
     * The effects of a type as a stream, on the lane: each goes to one subscriber, in the order in which they were made.
     *
     * <p>Nobody gets one that another subscriber got, and what nobody asks for is kept. Where several subscribers ask for
     * one, it goes to the one that subscribed last, as a screen does that takes the place of another. A subscriber that
     * cancels on another thread than the lane may be called once more, and that effect counts as taken. After
     * {@link BaseOrchestrator#close} what is kept is still given, then the completion.
     *
     * @param type the class of the wanted effects, or one above it
     */
    public final <E> Flow.Publisher<E> effects(Class<E> type) {
        Objects.requireNonNull(type, "type");
        inbox().touch();
        return outlets.effects().of(type);
    }

    /**
     * Calls a handler with each effect of a type, on the lane; otherwise as {@link #effects(Class)}.
     *
     * @return the subscription; it ends with this orchestrator too
     */
    public final <E> Subscription onEffect(Class<E> type, Consumer<? super E> handler) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(handler, "handler");
        inbox().touch();
        return outlets.effects().onEffect(type, handler);
    }

    /**
     * Chooses how many effects are kept while nobody takes them, and what happens to one more; {@code dropOldest(1_024)} if
     * not called.
     *
     * @param rule any but one that blocks, since handlers make effects
     * @throws IllegalArgumentException if the rule is {@code block}
     * @throws IllegalStateException if this orchestrator has begun; choose in the constructor
     */
    protected final void keepEffects(OverflowRule rule) {
        Objects.requireNonNull(rule, "rule");
        refuseIfBegun("choose how effects are kept");
        outlets.effects().choose(rule);
    }

    // ---- history ----

    /**
     * Keeps the last states and what set each, from now on; nothing is kept otherwise.
     *
     * @param most how many are kept, the present one included; the oldest are let go
     * @throws IllegalArgumentException if {@code most} is less than 1
     * @throws IllegalStateException if this orchestrator has begun; decide in the constructor
     */
    protected final void keepHistory(int most) {
        if (most < 1) throw new IllegalArgumentException("a history must keep at least 1 state, was " + most);
        refuseIfBegun("keep a history");
        history = new StateHistory<>(state, this::entry, most);
    }

    private StateEntry<S> entry(S next) {
        Envelope handled = Running.handled(bus);
        Event event = handled == null ? null : handled.event;
        Job<?> job = event instanceof JobEvent ofJob ? ofJob.job() : null;
        if (job == null && handled != null && handled.run != null) job = handled.run.job();
        return new StateEntry<>(next, bus.scope().time().now(), by(handled), event, job);
    }

    private String by(@Nullable Envelope handled) {
        if (inbox().isOnLane()) return handled == null ? "a task on its lane" : inbox().runningHandler(handled.event);
        Thread thread = Thread.currentThread();
        String name = thread.getName().isEmpty() ? "#" + thread.threadId() : thread.getName();
        return "a call on thread " + name;
    }

    /**
     * The last states and what set each, the oldest first; the last entry is the present state.
     *
     * <p>Empty unless the orchestrator keeps a history. What was undone is not in it.
     */
    public final List<StateEntry<S>> history() {
        inbox().touch();
        StateHistory<S> kept = history;
        return kept == null ? List.of() : kept.upToPresent();
    }

    /**
     * Goes back to the state before the present one.
     *
     * <p>Only the state goes back: jobs that are under way go on, and what they tell changes the state that is there then.
     * A field with {@linkplain BaseOrchestrator#patches patches} stays as it is, since its jobs are not undone, and a state
     * that differs in nothing else is passed over.
     *
     * @return false if no earlier state is kept, or this orchestrator is closed
     * @throws IllegalStateException if no history is kept; say so with {@link #keepHistory} in the constructor
     */
    protected final boolean undo() {
        return move(-1);
    }

    /**
     * Goes forward again to the state that the last {@link #undo} left; a change in between has no way forward.
     *
     * @return false if nothing was undone, or this orchestrator is closed
     * @throws IllegalStateException if no history is kept; say so with {@link #keepHistory} in the constructor
     */
    protected final boolean redo() {
        return move(1);
    }

    /** Whether {@link #undo} would go back; false too if no history is kept. */
    public final boolean canUndo() {
        return canMove(-1);
    }

    /** Whether {@link #redo} would go forward; false too if no history is kept. */
    public final boolean canRedo() {
        return canMove(1);
    }

    /** From now on {@link #undo} and {@link #redo} give the state that they go to this of the one that they leave. */
    final void leaveOnMove(BinaryOperator<S> part) {
        BinaryOperator<S> before = staying;
        staying = before == null ? part : (from, to) -> part.apply(from, before.apply(from, to));
    }

    private boolean canMove(int step) {
        inbox().touch();
        StateHistory<S> kept = history;
        return kept != null && kept.canMove(step, staying);
    }

    private boolean move(int step) {
        inbox().touch();
        StateHistory<S> kept = history;
        if (kept == null) {
            throw new IllegalStateException(
                    "orchestrator " + inbox().name() + " keeps no history; call keepHistory(...) in its constructor");
        }
        StateHistory.Move<S> moved = kept.move(step, staying);
        if (moved == null) return false;
        tellChanged(moved.from(), moved.to());
        return true;
    }
}
