package dev.orchestrator.testkit;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.ErrorHandler;
import dev.orchestrator.Event;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.OrchestratorControl;
import dev.orchestrator.spi.Probe;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * A world for one test: a bus, a dispatcher, a clock that moves when told, and threads that take turns.
 *
 * <p>Everything in it happens on threads of which one runs at a time, in an order that the seed decides: the same test with
 * the same seed does the same, ids and times included. Code of jobs may block, on children for example, as long as it waits
 * through the framework. Nothing happens by itself: a test dispatches or emits, and then lets the world run with
 * {@link #runUntilIdle}, lets time pass with {@link #advance}, or waits for something with the framework's own {@code await},
 * {@code awaitIdle} or {@code run}. A wait costs no real time: while nothing can go on, the clock jumps to the next timer.
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="world"}
 *
 * <p>With seed 0 tasks run in order of arrival. Any other seed picks the next task at random and, at points at which the
 * framework is left or may be left, lets others go first; {@link Interleavings} runs a test under many seeds. What no seed
 * shows are races between single reads and writes of memory.
 *
 * <p>A world is for the thread of its test. Threads that a test or its code starts by themselves may use the bus and the
 * dispatcher, but the world does not wait for them, and their order is not decided by the seed.
 */
public final class TestWorld implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final long seed;
    private final Scheduler scheduler;
    private final TimelineRecorder recorder;
    private final SignalBus bus;
    private final Dispatcher dispatcher;
    private final Deque<AutoCloseable> owned = new ArrayDeque<>(); // the test's thread only
    private boolean closed;

    private TestWorld(long seed, Duration patience) {
        this.seed = seed;
        this.scheduler = new Scheduler(seed, patience);
        this.recorder = new TimelineRecorder(scheduler.time());
        this.bus = SignalBus.builder()
                .time(scheduler.time())
                .threads(scheduler)
                .probe(recorder)
                .errorHandler(recorder)
                .build();
        this.dispatcher = Dispatcher.create(bus);
        bus.subscribeWithInfo(Event.class, (event, info) -> {
            recorder.accept(event, info);
            scheduler.interleave(); // a plain subscriber is called with no lock held
        });
    }

    /** Makes a world in which tasks run in order of arrival. */
    public static TestWorld create() {
        return seeded(0);
    }

    /** Makes a world in which the seed decides what runs when. */
    public static TestWorld seeded(long seed) {
        return new TestWorld(seed, PATIENCE);
    }

    /** A world that gives up on code that does not come to an end sooner or later than others. */
    static TestWorld withPatience(Duration patience) {
        return new TestWorld(0, patience);
    }

    /** The seed. */
    public long seed() {
        return seed;
    }

    /** The bus. */
    public SignalBus bus() {
        return bus;
    }

    /** The dispatcher of jobs on that bus; no executor is registered at first. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** The clock. */
    public VirtualTime time() {
        return scheduler.time();
    }

    /** What happened so far. */
    public Timeline timeline() {
        return recorder.timeline();
    }

    /**
     * Lets everything happen that can happen without time passing.
     *
     * @throws AssertionError if a task does not come to an end: it waits for something that this world does not know
     * @throws IllegalStateException if called from a task, which runs already
     */
    public void runUntilIdle() {
        scheduler.runUntilIdle();
    }

    /**
     * Lets time pass, and everything happen at its moment.
     *
     * @throws AssertionError as {@link #runUntilIdle}
     * @throws IllegalArgumentException if {@code by} is negative
     * @throws IllegalStateException if called from a task, which runs already
     */
    public void advance(Duration by) {
        time().advance(by);
    }

    /** Lets time pass until something happens; false if nothing will. */
    boolean advanceToNextTimer() {
        return scheduler.advanceToNextTimer();
    }

    /**
     * A point at which another task may go first, for the code of tests: at others than the framework's own points tasks
     * change only when they wait. Does nothing with seed 0, nor on threads that take no part; call it with no lock held.
     */
    public void interleave() {
        scheduler.interleave();
    }

    /**
     * Takes something into its care: it is closed with the world, the newest first, before the look for what was left
     * behind.
     *
     * @return the same
     */
    public <T extends AutoCloseable> T own(T closeable) {
        owned.push(Objects.requireNonNull(closeable, "closeable"));
        return closeable;
    }

    /**
     * Makes one more bus with the clock and the threads of this world, for tests with several scopes. Its events are not in
     * the timeline, and what is left behind on it is not looked for.
     *
     * @param errors who is told what handlers on it throw
     * @param probe who sees what happens on it and is no event
     */
    public SignalBus newBus(ErrorHandler errors, Probe probe) {
        return SignalBus.builder()
                .time(scheduler.time())
                .threads(scheduler)
                .errorHandler(errors)
                .probe(probe)
                .build();
    }

    OrchestratorControl controlOf(BaseOrchestrator<?> orchestrator) {
        return recorder.openOrchestrators().stream()
                .filter(each -> each.orchestrator().equals(orchestrator))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(orchestrator.name()
                        + " is not of this world, or is closed; make it with the bus that it is given"));
    }

    /**
     * What a test that were over now would leave behind, each in words: jobs in flight, tasks that have not ended, timers,
     * subscriptions, orchestrators that are open. Lets everything happen first that can happen without time passing.
     */
    public List<String> leftBehind() {
        runUntilIdle();
        var left = new ArrayList<String>();
        bus.jobs().forEach(job -> left.add(job + ": " + job.job()));
        recorder.openOrchestrators().forEach(each -> left.add("orchestrator " + each.name() + " is not closed"));
        bus.subscribers().stream()
                .skip(1) // of the timeline
                .filter(each -> !each.name().startsWith("orchestrator ")) // named above
                .forEach(each -> left.add(each.name() + " is not closed"));
        scheduler.inWords().forEach(task -> left.add(task + ", has not ended"));
        left.addAll(time().inWords());
        return left;
    }

    /**
     * Closes what the world has in its care, cancels its jobs, and ends its threads.
     *
     * <p>Closing twice does no harm.
     *
     * @throws AssertionError if something that the world has in its care cannot be closed
     */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        try {
            closeOwned();
            dispatcher.close();
            bus.close();
        } finally {
            scheduler.close();
        }
    }

    /** Closes what the world has in its care, the newest first, each of them whatever the others throw. */
    void closeOwned() {
        AssertionError failed = null;
        for (AutoCloseable next; (next = owned.poll()) != null; ) {
            try {
                next.close();
            } catch (Throwable thrown) {
                if (failed == null) failed = new AssertionError(next + " could not be closed", thrown);
                else failed.addSuppressed(thrown);
            }
        }
        if (failed != null) throw failed;
    }

    @Override
    public String toString() {
        return "TestWorld[seed=" + seed + "]";
    }
}
