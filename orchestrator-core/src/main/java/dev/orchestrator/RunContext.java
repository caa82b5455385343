package dev.orchestrator;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an executor sees of its run. */
final class RunContext<R extends @Nullable Object> implements JobContext {
    private final JobRun<R> run;
    private final int attempt;

    RunContext(JobRun<R> run, int attempt) {
        this.run = run;
        this.attempt = attempt;
    }

    @SuppressWarnings("unchecked") // the executor of a job of R was given the context of a run of R
    static <R extends @Nullable Object> RunContext<R> of(JobContext context) {
        if (context instanceof RunContext<?> ours) return (RunContext<R>) ours;
        throw new IllegalArgumentException(
                "a job can be ended only through the context that its dispatcher gave, was a "
                        + context.getClass().getName() + "; return the value or throw the error instead");
    }

    boolean succeed(R value) {
        return run.endEarly(new JobResult.Success<>(value));
    }

    boolean fail(Throwable error) {
        return run.endEarly(new JobResult.Failure<>(error));
    }

    @Override
    public String jobId() {
        return run.id();
    }

    @Override
    public int attempt() {
        return attempt;
    }

    @Override
    public void progress(JobProgress progress) {
        run.progress(Objects.requireNonNull(progress, "progress"));
    }

    @Override
    public void emit(Event event) {
        run.emit(event);
    }

    @Override
    public <C extends @Nullable Object> JobHandle<C> dispatch(Job<C> job) {
        return run.dispatchChild(job);
    }

    @Override
    public boolean isCancelled() {
        return !run.isUnderWay();
    }

    @Override
    public void throwIfCancelled() {
        if (isCancelled()) throw new JobCancelledException("job " + run.id() + " was stopped, and its code noticed");
    }
}
