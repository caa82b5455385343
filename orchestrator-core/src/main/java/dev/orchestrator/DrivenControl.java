package dev.orchestrator;

import dev.orchestrator.spi.JobControl;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A {@link DrivenRun} as its driver sees it; checks what it is given, and no more. */
final class DrivenControl<R extends @Nullable Object> implements JobControl<R> {
    private final DrivenRun<R> run;

    DrivenControl(DrivenRun<R> run) {
        this.run = run;
    }

    @Override
    public String id() {
        return run.id();
    }

    @Override
    public JobOptions options() {
        return run.options();
    }

    @Override
    public JobOptions asked() {
        return run.asked();
    }

    @Override
    public Optional<String> ownerName() {
        return Optional.ofNullable(run.owner()).map(Inbox::name);
    }

    @Override
    public SignalBus bus() {
        return run.bus();
    }

    @Override
    public void started() {
        run.begins();
    }

    @Override
    public void progress(JobProgress progress) {
        Objects.requireNonNull(progress, "progress");
        if (run.begins()) run.progress(progress);
    }

    @Override
    public void data(@Nullable Object value, Origin origin) {
        Objects.requireNonNull(origin, "origin");
        if (run.begins()) run.data(value, Provenance.of(origin));
    }

    @Override
    public void retrying(int attempt, int limit, Throwable error, Duration delay) {
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(delay, "delay");
        if (run.begins()) run.retrying(attempt, limit, error, delay);
    }

    @Override
    public void emit(Event event) {
        SignalBus.refuseJobEvent(event);
        if (run.begins()) run.emit(event);
    }

    @Override
    public void attempts(int count) {
        if (count < 0) throw new IllegalArgumentException("attempts must be 0 or more, were " + count);
        run.noteAttempts(count);
    }

    @Override
    public boolean succeed(R value) {
        return run.endWith(new JobResult.Success<>(value));
    }

    @Override
    public boolean fail(Throwable error) {
        return run.endWith(new JobResult.Failure<>(Objects.requireNonNull(error, "error")));
    }

    @Override
    public boolean cancelled(String reason) {
        return run.endWith(new JobResult.Cancelled<>(Ids.checked(reason, "the reason of a cancellation")));
    }

    @Override
    public boolean timedOut(Duration limit) {
        return run.endWith(new JobResult.TimedOut<>(Objects.requireNonNull(limit, "limit")));
    }

    @Override
    public void letGo(String why) {
        run.letGo(Ids.checked(why, "why a job is let go"));
    }

    @Override
    public void onStop(Consumer<? super String> handler) {
        run.takeWishes(Objects.requireNonNull(handler, "handler"));
    }

    @Override
    public CompletionStage<@Nullable Void> handled() {
        return run.handled();
    }

    @Override
    public boolean isOwned() {
        return run.isOwned();
    }

    @Override
    public String toString() {
        return "JobControl(" + run.id() + ")";
    }
}
