package dev.orchestrator;

import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import dev.orchestrator.spi.SharingExecutor;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Where the jobs of one registration go. */
final class Route<R extends @Nullable Object> {
    private final Dispatcher dispatcher;
    private final Class<?> registeredType;

    // Exactly one of the four is there.
    private final @Nullable JobExecutor<Object, ? extends R> plain;
    private final @Nullable AsyncJobExecutor<Object, ? extends R> async;

    private final @Nullable SharingExecutor<Object, R> sharing;
    private final @Nullable JobDriver<Object, R> driver;

    private final JobOptions options;
    private final @Nullable LimitCounter limit;

    private Route(
            Dispatcher dispatcher,
            Class<?> registeredType,
            JobOptions options,
            @Nullable JobExecutor<Object, ? extends R> plain,
            @Nullable AsyncJobExecutor<Object, ? extends R> async,
            @Nullable SharingExecutor<Object, R> sharing,
            @Nullable JobDriver<Object, R> driver) {
        if (plain == null && async == null && sharing == null && driver == null)
            throw new NullPointerException("executor");
        this.dispatcher = dispatcher;
        this.registeredType = Objects.requireNonNull(registeredType, "type");
        this.options = Objects.requireNonNull(options, "options").checkedForRegistration();
        RunLimit ofType = options.limit();
        this.limit = ofType == null ? null : new LimitCounter(ofType, registeredType, null);
        this.plain = plain;
        this.async = async;
        this.sharing = sharing;
        this.driver = driver;
    }

    @SuppressWarnings(
            "unchecked") // only jobs of the registered type are routed here: the table is keyed by their class
    static <R extends @Nullable Object> Route<R> plain(
            Dispatcher dispatcher, Class<?> type, JobExecutor<?, ? extends R> executor, JobOptions options) {
        return executor instanceof SharingExecutor<?, ?> sharing
                ? new Route<>(dispatcher, type, options, null, null, (SharingExecutor<Object, R>) sharing, null)
                : new Route<>(dispatcher, type, options, (JobExecutor<Object, ? extends R>) executor, null, null, null);
    }

    @SuppressWarnings("unchecked")
    static <R extends @Nullable Object> Route<R> async(
            Dispatcher dispatcher, Class<?> type, AsyncJobExecutor<?, ? extends R> executor, JobOptions options) {
        return new Route<>(
                dispatcher, type, options, null, (AsyncJobExecutor<Object, ? extends R>) executor, null, null);
    }

    @SuppressWarnings("unchecked")
    static <R extends @Nullable Object> Route<R> driven(
            Dispatcher dispatcher, Class<?> type, JobDriver<?, R> driver, JobOptions options) {
        Objects.requireNonNull(driver, "driver");
        return new Route<>(dispatcher, type, options, null, null, null, (JobDriver<Object, R>) driver);
    }

    /** What was asked for at the registration. */
    JobOptions options() {
        return options;
    }

    /** The limit of the jobs that go here; null if there is none. */
    @Nullable
    LimitCounter limit() {
        return limit;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** The type that was named at the registration: the job's own, or its family's. */
    Class<?> registeredType() {
        return registeredType;
    }

    /** Who does the jobs, or has them done: an executor of whichever kind, or a driver. */
    Object executor() {
        if (driver != null) return driver;
        return plain != null ? plain : sharing != null ? sharing : requireAsync();
    }

    /** Whether the executor answers with a stage. */
    boolean isAsync() {
        return plain == null;
    }

    /** Whether a job may wait for a work of several instead of doing it itself. */
    boolean isSharing() {
        return sharing != null;
    }

    /** Whether a driver has the jobs done; then nothing here executes them. */
    boolean isDriven() {
        return driver != null;
    }

    /** Hands a job to the driver: a new one, or one that is under way already. */
    void start(Job<R> job, JobControl<R> control, boolean isUnderWay) {
        if (driver == null) throw new AssertionError("an executor is run, it does not start jobs");
        if (isUnderWay) driver.adopt(job, control);
        else driver.start(job, control);
    }

    R execute(Job<R> job, JobContext context) throws Exception {
        if (plain == null) throw new AssertionError("an asynchronous executor begins, it does not execute");
        return plain.execute(job, context);
    }

    CompletionStage<? extends R> begin(Job<R> job, RunAttempt<R> attempt) throws Exception {
        return Objects.requireNonNull(
                sharing != null ? sharing.begin(job, attempt) : requireAsync().execute(job, attempt),
                () -> "the executor of "
                        + job.getClass().getName()
                        + " returned null instead of a CompletionStage; for a null result return"
                        + " completedFuture(null)");
    }

    private AsyncJobExecutor<Object, ? extends R> requireAsync() {
        if (async == null) throw new AssertionError("a route has one executor or another");
        return async;
    }
}
