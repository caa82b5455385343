package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a run, one after the other: time limits, retries, back-off (P7, P8).
 *
 * <p>An attempt is run by a worker; between two attempts no thread is held, and the cell of the run says that it rests.
 * So at most one thread at a time is in here: the worker of the attempt, or whoever completes the stage in which it goes
 * on. They hand over through the cell ({@link RunLifeCycle#rest} and {@link RunLifeCycle#enter}), which orders what they
 * write.
 */
abstract class RunAttempts<R extends @Nullable Object> extends RunEvents<R>
        implements Runnable, Thread.UncaughtExceptionHandler {
    private final Route<R> route;
    private final JobOptions options;

    // Written by the one thread that is in here; read by stoppers and by whoever tells the ending. A stopper decides
    // the cell and then reads; the worker writes and then looks at the cell. So at least one of the two sees the
    // other.
    private volatile @Nullable RunAttempt<R> current;
    private volatile int count;

    // Written by the dispatching thread before the run is launched, which orders it before all that the worker reads.
    private List<Interceptor> madeAtDispatch = List.of();

    // Written by the one thread that is in here; read by it, and by an attempt that ends the job early, which is the
    // last one and was handed what is in here.
    private @Nullable EarlierErrors earlier;
    private long firstBegan;

    RunAttempts(
            String id,
            Job<R> job,
            Route<R> route,
            SignalBus bus,
            @Nullable Inbox owner,
            long cause,
            @Nullable Chain chain,
            JobOptions options) {
        super(id, job, bus, owner, cause, chain, options.progressInterval());
        this.route = route;
        this.options = options;
    }

    final Route<R> route() {
        return route;
    }

    final Dispatcher dispatcher() {
        return route.dispatcher();
    }

    final JobOptions options() {
        return options;
    }

    /** A job that waits for a work of several leaves it to that to try again, and to be in time. */
    private RetryPolicy policy() {
        return route.isSharing() ? RetryPolicy.none() : options.retry();
    }

    private @Nullable Duration attemptLimit() {
        return route.isSharing() ? null : options.attemptTimeout();
    }

    /** The code has left for good, with that result. */
    abstract void finish(JobResult<R> result);

    /** These stand around every attempt, outside of what the dispatcher's users declared; before the launch. */
    final void surroundBy(List<Interceptor> interceptors) {
        madeAtDispatch = interceptors;
    }

    final List<Interceptor> madeAtDispatch() {
        return madeAtDispatch;
    }

    /** What the code is told which attempt that one is: attempts at the same job may have been made elsewhere. */
    int nameOf(int number) {
        return number;
    }

    /** How many attempts have begun. */
    int attemptCount() {
        SharedRun<R> work = sharedWork();
        return work == null ? count : Math.max(count, work.attemptCount());
    }

    /** The work that the job waits for instead of doing it; null if there is none. */
    final @Nullable SharedRun<R> sharedWork() {
        RunAttempt<R> now = current;
        return now == null ? null : now.sharedWork();
    }

    @Override
    @Nullable
    JobProgress latestProgress() {
        SharedRun<R> work = sharedWork();
        return work == null ? super.latestProgress() : work.latestProgress();
    }

    /** The attempt that was begun last; null if none was. */
    @Nullable
    final RunAttempt<R> currentAttempt() {
        return current;
    }

    /** Whether the calling thread is inside the code of an attempt. */
    boolean isOnThisThread() {
        RunAttempt<R> now = current;
        if (now == null) return false;
        SharedRun<R> work = now.sharedWork();
        return now.isInside(Thread.currentThread()) || (work != null && work.isOnThisThread());
    }

    // ---- one attempt ----

    @Override
    public final void run() {
        if (!enter()) return;
        int number = count + 1;
        count = number;
        Thread thread = Thread.currentThread();
        boolean ownThread = equals(thread.getUncaughtExceptionHandler());
        var attempt = new RunAttempt<>(self(), nameOf(number), thread, ownThread ? null : Running.doorOfThisThread());
        try {
            if (number == 1) beginFirst();
            else noteProvenance(null);
            current = attempt;
            if (!isRunning()) {
                left(attempt, new JobResult.Cancelled<>("stopped before its code began"));
                return;
            }
            Duration limit = attemptLimit();
            if (limit != null) attempt.limitTo(limit);
            if (route.isAsync()) follow(attempt, beginInside(attempt, ownThread));
            else left(attempt, success(executeInside(attempt, ownThread)));
        } catch (Throwable thrown) {
            left(attempt, new JobResult.Failure<>(thrown));
        }
    }

    /** Made when the value is there: an object before that would wait with the job. */
    private static <R extends @Nullable Object> JobResult<R> success(R value) {
        return new JobResult.Success<>(value);
    }

    private void beginFirst() {
        if (!policy().isNone()) firstBegan = bus().scope().time().nanos();
        started();
    }

    private R executeInside(RunAttempt<R> attempt, boolean ownThread) throws Exception {
        Object before = goIn(attempt, ownThread);
        try {
            return execute(attempt);
        } finally {
            comeOut(attempt, ownThread, before);
        }
    }

    private CompletionStage<? extends R> beginInside(RunAttempt<R> attempt, boolean ownThread) throws Exception {
        Object before = goIn(attempt, ownThread);
        try {
            return begin(attempt);
        } finally {
            comeOut(attempt, ownThread, before);
        }
    }

    /** This thread goes through the door of the attempt; gives what it was in before. */
    private static @Nullable Object goIn(RunAttempt<?> attempt, boolean ownThread) {
        Object before = ownThread ? null : Running.goThrough(attempt);
        attempt.enter();
        return before;
    }

    private static void comeOut(RunAttempt<?> attempt, boolean ownThread, @Nullable Object before) {
        attempt.leave();
        if (!ownThread) Running.goThrough(before);
    }

    private R execute(RunAttempt<R> attempt) throws Exception {
        Surrounded surrounded = surrounded(attempt);
        return surrounded == null
                ? route.execute(job(), attempt)
                : InterceptorChain.call(surrounded, () -> route.execute(job(), attempt));
    }

    private CompletionStage<? extends R> begin(RunAttempt<R> attempt) throws Exception {
        Surrounded surrounded = surrounded(attempt);
        if (surrounded == null) return route.begin(job(), attempt);
        var whole = new InterceptedStage<R>(surrounded, () -> route.begin(job(), attempt));
        attempt.beginsIn(whole); // before anybody is inside: a closing from in there recognizes its thread
        whole.begin();
        return whole;
    }

    /** What stands around an attempt that begins now; null, and nothing is made, if nothing does. */
    private @Nullable Surrounded surrounded(RunAttempt<R> attempt) {
        if (route.isSharing()) return null; // it stands around the work
        List<Interceptor> around = route.dispatcher().interceptors().around(job(), madeAtDispatch);
        return around.isEmpty() ? null : new Surrounded(around, job(), attempt, attempt::isOpen, bus().scope());
    }

    private void follow(RunAttempt<R> attempt, CompletionStage<? extends R> begun) {
        attempt.goesOnIn(begun);
        begun.whenComplete((value, error) -> left(
                attempt,
                error == null ? new JobResult.Success<>(value) : new JobResult.Failure<>(Thrown.unwrapped(error))));
    }

    /** Makes the attempts known to their own threads (see {@link Running}); nothing is thrown through {@link #run}. */
    @Override
    public final void uncaughtException(Thread thread, Throwable error) {
        Log.error("the framework itself failed in job " + id(), error);
    }

    // ---- the next attempt, or the end ----

    /** The code of an attempt has left, with that outcome. */
    private void left(RunAttempt<R> attempt, JobResult<R> outcome) {
        JobResult<R> result = attempt.over(outcome, attemptLimit());
        RetryPolicy policy = policy();
        if (policy.isNone() || !isRunning()) {
            finish(result);
            return;
        }
        Throwable error = attempt.endedTheJob() ? null : whatToRetry(result);
        if (error == null) {
            finishAfterRetries(result);
            return;
        }
        Scope scope = bus().scope();
        Throwable thrown = result instanceof JobResult.Failure<R> ? error : null; // a refused result suggests no delay
        Duration delay = policy.delayAfter(count, thrown, scope.time(), scope.wall());
        if (!policy.hasTimeFor(delay, firstBegan, scope.time())) {
            finishAfterRetries(result);
            return;
        }
        errors().add(error);
        retrying(count, policy.attempts(), error, delay);
        if (rest()) new Retry(self()).begin(self(), delay);
        else finishAfterRetries(result); // stopped meanwhile
    }

    /** Why another attempt should be made; null if none should. */
    private @Nullable Throwable whatToRetry(JobResult<R> result) {
        if (!policy().triesAgain(count, result, bus().scope().wall())) return null;
        return result instanceof JobResult.Failure<R>(Throwable error)
                ? error
                : new IllegalStateException(
                        "the retry policy refused the result of attempt " + count + " of job " + id());
    }

    private void finishAfterRetries(JobResult<R> result) {
        finish(withEarlierErrors(result));
    }

    private EarlierErrors errors() {
        EarlierErrors known = earlier;
        if (known == null) earlier = known = new EarlierErrors();
        return known;
    }

    /** The same result; the earlier errors are suppressed in it if it is a failure. */
    final JobResult<R> withEarlierErrors(JobResult<R> result) {
        EarlierErrors before = earlier;
        if (before != null && result instanceof JobResult.Failure<R>(Throwable error)) before.addTo(error);
        return result;
    }

    /**
     * The wait for the next attempt: over when the delay is, and the children of the failed one are down.
     *
     * <p>A child that does not leave has this, and must not keep its parent alive (P10): so the run is let go with its end.
     */
    private static final class Retry implements Runnable, Time.Timer {
        private final AtomicInteger open = new AtomicInteger(1);

        // The one written by whoever ends the run, who then looks at the other; that one by whoever begins the wait,
        // who then looks at the first. So at least one of them cancels the timer. Those who see the wait over read
        // the first.
        private volatile @Nullable JobRun<?> run;
        private volatile Time.@Nullable Timer delay;

        Retry(JobRun<?> run) {
            this.run = run;
        }

        void begin(JobRun<?> waiting, Duration length) {
            waiting.dispatcher().endIfClosed(waiting); // first: the next attempt is none that waits, and has its grace
            var children = waiting.runningChildren();
            open.addAndGet(children.size());
            for (JobRun<?> child : children) {
                child.cancel("an attempt of its parent job " + waiting.id() + " failed");
                child.whenDown(this);
            }
            waiting.waitUntil(this); // before the timer, since there may be another wait as soon as that is over
            delay = waiting.bus().scope().time().schedule(length, this);
            if (run == null) cancel();
        }

        /** Called by the timer and by whoever sees a child down; user code is none of theirs, so the worker is asked. */
        @Override
        public void run() {
            JobRun<?> waiting = run;
            if (open.decrementAndGet() == 0 && waiting != null) waiting.launchFromElsewhere();
        }

        @Override
        public void cancel() {
            run = null;
            Time.Timer timer = delay;
            if (timer != null) timer.cancel();
        }
    }

    /** The worker refused to run the next attempt. */
    final JobResult<R> refused(Throwable error) {
        return withEarlierErrors(new JobResult.Failure<>(error));
    }

    /** The run has ended: no timer is left, whether or not its code has left. */
    final void releaseAttemptLimit() {
        RunAttempt<R> now = current;
        if (now != null) now.releaseLimit();
    }

    /** Stops the code of the attempt that is under way. */
    final void stopCode() {
        RunAttempt<R> now = current;
        if (now != null) now.stopCode();
    }
}
