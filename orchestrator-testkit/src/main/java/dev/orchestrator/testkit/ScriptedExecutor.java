package dev.orchestrator.testkit;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.Job;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobProgress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An executor that does what a script says: succeed, fail, report progress, hang until it is released.
 *
 * <p>The first call follows the first line of the script, the second call the second line, and so on; the last line holds
 * for all calls after it. An attempt is a call. No thread is held while a call hangs; a job that is stopped then ends its
 * call, as a well-behaved executor would.
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="scripted-executor"}
 *
 * <p>Register it with {@code registerAsync}. All methods may be called from any thread.
 */
public final class ScriptedExecutor<J extends Job<R>, R extends @Nullable Object> implements AsyncJobExecutor<J, R> {
    private interface Line<J, R extends @Nullable Object> {
        CompletionStage<R> run(J job) throws Exception;
    }

    private final String jobType;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock: written by the test, and by the threads that call.
    private final List<Line<J, R>> lines = new ArrayList<>();
    private final List<JobProgress> reports = new ArrayList<>();
    private final List<J> calls = new ArrayList<>();
    private final Deque<CompletableFuture<R>> hanging = new ArrayDeque<>();

    private ScriptedExecutor(Class<J> type) {
        this.jobType = type.getSimpleName();
    }

    /** Makes an executor for jobs of that type, with an empty script. */
    public static <J extends Job<R>, R extends @Nullable Object> ScriptedExecutor<J, R> of(Class<J> type) {
        return new ScriptedExecutor<>(type);
    }

    // ---- the script ----

    /** Adds: succeed with that value. */
    public ScriptedExecutor<J, R> succeeds(R value) {
        return add(1, job -> CompletableFuture.completedFuture(value));
    }

    /** Adds: succeed with what the function makes of the job. */
    public ScriptedExecutor<J, R> answers(Function<? super J, ? extends R> function) {
        Objects.requireNonNull(function, "function");
        return add(1, job -> CompletableFuture.completedFuture(function.apply(job)));
    }

    /** Adds: fail with that error. */
    public ScriptedExecutor<J, R> fails(Throwable error) {
        return fails(1, error);
    }

    /**
     * Adds: fail with that error, so many times.
     *
     * @throws IllegalArgumentException if {@code times} is below 1
     */
    public ScriptedExecutor<J, R> fails(int times, Throwable error) {
        Objects.requireNonNull(error, "error");
        if (times < 1) throw new IllegalArgumentException("times must be 1 or more, was " + times);
        return add(times, job -> CompletableFuture.failedFuture(error));
    }

    /** Adds: hang until {@link #release} or {@link #releaseWithError}. */
    public ScriptedExecutor<J, R> hangs() {
        return add(1, job -> hang());
    }

    /** From now on each call reports these fractions before anything else. */
    public ScriptedExecutor<J, R> reports(double... fractions) {
        lock.lock();
        try {
            reports.clear();
            Arrays.stream(fractions).mapToObj(JobProgress::of).forEach(reports::add);
        } finally {
            lock.unlock();
        }
        return this;
    }

    private ScriptedExecutor<J, R> add(int times, Line<J, R> line) {
        lock.lock();
        try {
            for (int i = 0; i < times; i++) lines.add(line);
        } finally {
            lock.unlock();
        }
        return this;
    }

    // ---- what came of it ----

    /** The jobs of all calls so far, in order; a copy. */
    public List<J> calls() {
        lock.lock();
        try {
            return new ArrayList<>(calls);
        } finally {
            lock.unlock();
        }
    }

    /** How many calls hang now. */
    public int hanging() {
        lock.lock();
        try {
            hanging.removeIf(CompletableFuture::isDone); // its job was stopped
            return hanging.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets the call that hangs longest succeed.
     *
     * @throws AssertionError if none hangs
     */
    public void release(R value) {
        longest().complete(value);
    }

    /**
     * Lets the call that hangs longest fail.
     *
     * @throws AssertionError if none hangs
     */
    public void releaseWithError(Throwable error) {
        longest().completeExceptionally(Objects.requireNonNull(error, "error"));
    }

    private CompletableFuture<R> longest() {
        lock.lock();
        try {
            hanging.removeIf(CompletableFuture::isDone);
            CompletableFuture<R> first = hanging.poll();
            if (first != null) return first;
            throw new AssertionError("no call of the executor for " + jobType + " hangs; it was called " + calls.size()
                    + " times. Let the world run first, and say hangs() in its script");
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<R> hang() {
        var end = new CompletableFuture<R>();
        lock.lock();
        try {
            hanging.add(end);
        } finally {
            lock.unlock();
        }
        return end;
    }

    // ---- being called ----

    @Override
    public CompletionStage<? extends R> execute(J job, JobContext context) throws Exception {
        List<JobProgress> toReport;
        Line<J, R> line;
        lock.lock();
        try {
            calls.add(job);
            if (lines.isEmpty()) {
                throw new IllegalStateException("the script of the executor for " + jobType
                        + " is empty; say what it does, with succeeds(...), fails(...) or hangs()");
            }
            line = lines.get(Math.min(calls.size(), lines.size()) - 1);
            toReport = List.copyOf(reports);
        } finally {
            lock.unlock();
        }
        toReport.forEach(context::progress); // calls subscribers, so without the lock
        return line.run(job);
    }
}
