package dev.orchestrator.durable;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.Job;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.AttemptReports;
import dev.orchestrator.spi.DrivenType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A type of durable jobs as it was registered.
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
final class RegisteredKind<J extends Job<R>, R extends @Nullable Object> implements Kind<J, R> {
    /** Who does the jobs. */
    sealed interface Doer<J, R extends @Nullable Object> {
        /** Does them on a thread. */
        record OnThreads<J, R extends @Nullable Object>(JobExecutor<? super J, ? extends R> executor)
                implements Doer<J, R> {}

        /** Answers with stages. */
        record WithStages<J, R extends @Nullable Object>(AsyncJobExecutor<? super J, ? extends R> executor)
                implements Doer<J, R> {}

        /** Somebody else, in another process. */
        record Elsewhere<J, R extends @Nullable Object>() implements Doer<J, R> {}
    }

    private final StoredType<J> stored;
    private final Type resultType;
    private final Payloads payloads;
    private final Doer<J, R> doer;
    private final @Nullable Condition condition;
    private final Predicate<? super Throwable> offline;

    // Set once, before the first job is dispatched or done; volatile, since workers read it on threads of their own.
    private volatile @Nullable DrivenType<J, R> driven;

    /**
     * Checks that its results can be stored.
     *
     * @param offline which errors put a job back instead of counting; null unless the user says
     * @throws IllegalArgumentException if the type leaves open what its jobs give back, or results could not be read
     */
    RegisteredKind(
            StoredType<J> stored,
            Payloads payloads,
            Doer<J, R> doer,
            @Nullable Condition condition,
            @Nullable Predicate<? super Throwable> offline) {
        this.stored = stored;
        this.resultType = ResultTypes.of(stored.type());
        this.payloads = payloads;
        this.doer = doer;
        this.condition = condition;
        this.offline = offline != null ? offline : condition != null ? Offline::isOffline : Offline::isSaid;
        payloads.check(resultType);
    }

    /** Says by whose registration options are settled and attempts are made; called once, by who has registered it. */
    void drivenBy(DrivenType<J, R> registration) {
        driven = registration;
    }

    /** No more jobs are dispatched; those under way are decoded and told all the same. */
    void close() {
        DrivenType<J, R> registration = driven;
        if (registration != null) registration.close();
    }

    StoredType<J> stored() {
        return stored;
    }

    @Override
    public String name() {
        return stored.name();
    }

    @Override
    public int version() {
        return stored.version();
    }

    @Override
    public List<String> tasks() {
        return stored.tasks();
    }

    @Override
    public Class<J> type() {
        return stored.type();
    }

    @Override
    public boolean isDoneHere() {
        return !(doer instanceof Doer.Elsewhere);
    }

    @Override
    public @Nullable Condition condition() {
        return condition;
    }

    @Override
    public boolean isOffline(Throwable error) {
        return offline.test(error);
    }

    @Override
    public J decode(int version, String payload) {
        return stored.decode(version, payload);
    }

    @Override
    public Payloads.Encoded encode(J job) {
        return stored.encode(job);
    }

    @Override
    public String encodeResult(R value) {
        return payloads.encode(value, resultType).json();
    }

    @Override
    @SuppressWarnings({"unchecked", "NullAway"}) // read as what R is; null if R may be null
    public R decodeResult(String json) {
        return (R) payloads.decode(json, resultType, "the result of '" + name() + "'");
    }

    @Override
    public JobOptions settle(J job, JobOptions asked) {
        return driven().settle(job, asked);
    }

    @Override
    public JobHandle<R> attempt(J job, String id, SignalBus bus, JobOptions options, AttemptReports reports) {
        return switch (doer) {
            case Doer.OnThreads<J, R>(var executor) ->
                driven().attempt(job, id, Inside.executor(executor), bus, options, reports);
            case Doer.WithStages<J, R>(var executor) ->
                driven().attemptAsync(job, id, Inside.asyncExecutor(executor), bus, options, reports);
            case Doer.Elsewhere<J, R> elsewhere ->
                throw new IllegalStateException(
                        "jobs '" + name() + "' are only dispatched here: no executor was given");
        };
    }

    private DrivenType<J, R> driven() {
        DrivenType<J, R> registration = driven;
        if (registration != null) return registration;
        throw new IllegalStateException("'" + name() + "' is not registered at a dispatcher yet");
    }

    @Override
    public String toString() {
        return stored.toString();
    }
}
