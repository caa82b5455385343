package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Dispatches a job of an orchestrator again and again: at an interval, at events, and on demand.
 *
 * <p>Given by {@link BaseOrchestrator#refetch}. The jobs are the orchestrator's own. One runs at a time: an interval that is
 * over meanwhile is skipped; an event or a call of {@link #now} meanwhile asks for one more run after it, and any number of
 * them for the same one, so that nothing that happened meanwhile is missed.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="refetch"}
 *
 * <p>What the supplier throws, and a dispatch that is refused, is logged and told to the bus's error handler; the next
 * occasion tries again. All of it stops with the orchestrator; a job that is under way goes on.
 */
public final class Refetch implements AutoCloseable {
    private final BaseOrchestrator<?> orchestrator;
    private final Supplier<? extends Job<?>> job;
    private final JobOptions options;
    private final Run run = new Run();
    private final List<Class<? extends Event>> ofOwnJobs = new ArrayList<>(); // written in the user's constructor

    // The lane only.
    private boolean isUnderWay;
    private @Nullable String jobId; // of the last one that was dispatched
    private boolean isWantedAgain;
    private @Nullable Envelope asker; // the event whose handler asked last for one more run; null if none did

    // Each raised by whoever hands the task to the lane, and lowered by that task: so at most one of each waits.
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicBoolean ticked = new AtomicBoolean();

    private @Nullable Duration interval; // written in the user's constructor, read afterwards
    private volatile boolean closed;

    // Written by the lane, then by each timer for the next one. Who closes raises a flag and then cancels what is here;
    // who writes looks at the flags afterwards. So at least one of the two cancels the timer.
    private volatile Time.@Nullable Timer timer;

    Refetch(BaseOrchestrator<?> orchestrator, Supplier<? extends Job<?>> job, JobOptions options) {
        this.orchestrator = orchestrator;
        this.job = Objects.requireNonNull(job, "job");
        this.options = Objects.requireNonNull(options, "options");
    }

    // ---- when ----

    /**
     * Fetches whenever that time has passed, and the last run is over by then.
     *
     * <p>The time counts from the moment at which the orchestrator begins; the first run comes when it has passed once. The
     * last call of this method counts.
     *
     * @throws IllegalArgumentException if the interval is zero or negative
     * @throws IllegalStateException if the orchestrator has begun; declare it in the constructor
     */
    public Refetch every(Duration interval) {
        Objects.requireNonNull(interval, "interval");
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("the interval of a refetch must be longer than zero, was " + interval);
        }
        orchestrator.refuseIfBegun("declare a refetch");
        boolean isFirst = this.interval == null;
        this.interval = interval;
        if (isFirst) orchestrator.inbox().offerTask(this::schedule); // done when the orchestrator begins (P15)
        return this;
    }

    /**
     * Fetches at each event of a type on the bus, its subtypes included, whether it is of a job of this orchestrator or not.
     * The events of a run of this refetch are no occasion.
     *
     * @throws IllegalStateException if the orchestrator has begun; declare it in the constructor
     */
    public Refetch on(Class<? extends Event> eventType) {
        Objects.requireNonNull(eventType, "eventType");
        orchestrator.observeAs(
                "refetch.on(" + Ids.nameOf(eventType) + ")", eventType, null, (event, envelope) -> ask());
        ofOwnJobs.add(eventType);
        return this;
    }

    /**
     * Fetches when a job of a type has succeeded, this orchestrator's or somebody else's, on its bus. The success of a run
     * of this refetch is no occasion.
     *
     * @param jobType a type of jobs, or a family's
     * @throws IllegalStateException if the orchestrator has begun; declare it in the constructor
     */
    @SuppressWarnings("rawtypes") // Class<? extends Job<?>> would refuse the class of a generic record
    public Refetch onSuccess(Class<? extends Job> jobType) {
        Objects.requireNonNull(jobType, "jobType");
        String what = "refetch.onSuccess(" + Ids.nameOf(jobType) + ")";
        orchestrator.declareAs(what, jobType, JobSuccessEvent.class, (its, success) -> askAfter(success));
        orchestrator.observeAs(what, JobSuccessEvent.class, jobType, (event, envelope) -> ask());
        return this;
    }

    /**
     * Fetches now, or once more when the run that is under way is over. Called in the constructor it takes effect when the
     * orchestrator begins; after a closing it does nothing.
     *
     * <p>Any thread may call; the dispatch happens on the lane.
     *
     * @throws IllegalStateException as {@link BaseOrchestrator#onLane} says, if the lane has no room for a task
     */
    public void now() {
        if (isClosed()) return;
        Inbox inbox = orchestrator.inbox();
        inbox.touch();
        if (inbox.isOnLane()) ask();
        else handOver(asked, this::ask);
    }

    // ---- the interval ----

    /** On the lane, and then on the timer's thread. */
    private void schedule() {
        Duration every = interval;
        if (every == null || isClosed()) return;
        timer = orchestrator.bus().scope().time().schedule(every, this::tick);
        if (isClosed()) cancelTimer();
    }

    /** On the timer's thread, which calls no user code: the lane's executor is the user's too. */
    private void tick() {
        schedule();
        orchestrator
                .bus()
                .scope()
                .threads()
                .start(
                        Role.TELLER,
                        "orchestrator-refetch",
                        () -> orchestrator
                                .bus()
                                .scope()
                                .wall()
                                .run(name(), () -> handOver(ticked, this::startUnlessUnderWay)));
    }

    private void startUnlessUnderWay() {
        if (!isUnderWay && !isClosed()) start();
    }

    private void handOver(AtomicBoolean waits, Runnable task) {
        if (!waits.compareAndSet(false, true)) return;
        try {
            orchestrator.inbox().offerTask(() -> {
                waits.set(false); // first: whoever asks from here on asks again
                task.run();
            });
        } catch (Throwable notTaken) {
            waits.set(false);
            throw notTaken;
        }
    }

    // ---- on the lane ----

    /** A job of the orchestrator told something. */
    void heard(Event event, String ofJob) {
        if (ofJob.equals(jobId)) return;
        for (Class<?> type : ofOwnJobs) {
            if (!type.isInstance(event)) continue;
            ask();
            return;
        }
    }

    private void askAfter(JobEvent success) {
        if (!success.correlationId().equals(jobId)) ask();
    }

    private void ask() {
        if (isClosed()) return;
        if (!isUnderWay) {
            start();
            return;
        }
        isWantedAgain = true;
        asker = Running.handled(orchestrator.bus());
    }

    private void start() {
        isUnderWay = true;
        try {
            Job<?> next = Objects.requireNonNull(job.get(), "the supplier of a refetch gave null; give a job");
            jobId = orchestrator.dispatchFollowed(next, options, run).id();
        } catch (Throwable refused) {
            isUnderWay = false;
            isWantedAgain = false; // the supplier itself asked
            asker = null;
            if (isClosed()) return; // meanwhile, and that is why
            Envelope handled = Running.handled(orchestrator.bus());
            orchestrator.bus().scope().wall().report(refused, name(), handled == null ? null : handled.event);
        }
    }

    /** What follows the run that is under way. */
    private final class Run implements FollowedRuns.Follower {
        @Override
        public void settle(TerminalEvent ending) {}

        /** Until here it was under way for the handlers of its ending too: what they ask for comes after it. */
        @Override
        public void goOn() {
            isUnderWay = false;
            jobId = null;
            if (!isWantedAgain) return;
            isWantedAgain = false;
            Envelope cause = asker;
            asker = null;
            if (!isClosed()) startBecauseOf(cause);
        }
    }

    /**
     * The event that asked is the cause, not the ending before: a refetch that many events keep busy is no circle, and one
     * that its own handlers keep busy is (P13).
     */
    private void startBecauseOf(@Nullable Envelope cause) {
        Envelope ending = Running.handled(orchestrator.bus());
        Running.handling(cause);
        try {
            start();
        } finally {
            Running.handling(ending);
        }
    }

    // ---- its end ----

    /** Stops this refetch alone; a run that is under way goes on. Any thread may call; closing twice does no harm. */
    @Override
    public void close() {
        closed = true;
        cancelTimer();
    }

    private void cancelTimer() {
        Time.Timer waiting = timer;
        if (waiting != null) waiting.cancel();
    }

    private boolean isClosed() {
        return closed || orchestrator.inbox().isClosed();
    }

    private String name() {
        return "a refetch of orchestrator " + orchestrator.inbox().name();
    }
}
