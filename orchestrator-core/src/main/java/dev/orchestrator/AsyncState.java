package dev.orchestrator;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a screen knows of something that a job brings: nothing yet, loading, ready or failed.
 *
 * <p>A field of an orchestrator's state, to be matched in a {@code switch} that the compiler checks. A value that was there
 * once is not lost by a refresh that fails, is cancelled or times out, and what a job tells that another one has replaced
 * changes nothing. {@link BaseOrchestrator#track track} folds the events of a type of jobs into such a field.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="async-state"}
 *
 * <p>The idea is that of Elm's RemoteData and of Riverpod's AsyncValue.
 *
 * @param <T> the type of the value
 */
public sealed interface AsyncState<T extends @Nullable Object> {
    /**
     * A value that came, with when and from where.
     *
     * @param value the value; null is one
     * @param at since when it has been known, by the clock of the job's bus: a cache says when it got it
     * @param origin where it comes from
     * @param refreshError why there is no newer one; empty if nobody tried in vain
     */
    record Loaded<T extends @Nullable Object>(T value, Instant at, Origin origin, Optional<Throwable> refreshError) {
        /** Refuses nulls, but for the value. */
        public Loaded {
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(refreshError, "refreshError");
        }

        /** A value that nobody tried in vain to refresh. */
        public Loaded(T value, Instant at, Origin origin) {
            this(value, at, origin, Optional.empty());
        }

        private boolean isReal() {
            return origin != Origin.PLACEHOLDER;
        }
    }

    /** Nothing yet, and nothing on its way. */
    record Idle<T extends @Nullable Object>() implements AsyncState<T> {
        @Override
        public Optional<Loaded<T>> last() {
            return Optional.empty();
        }
    }

    /**
     * On its way.
     *
     * @param jobId the job that brings it
     * @param last what can be shown meanwhile: what was there before, or came before the ending; empty if nothing
     * @param progress how far the job is; empty until it told that
     */
    record Loading<T extends @Nullable Object>(String jobId, Optional<Loaded<T>> last, Optional<JobProgress> progress)
            implements AsyncState<T> {
        /** Refuses nulls. */
        public Loading {
            Objects.requireNonNull(jobId, "jobId");
            Objects.requireNonNull(last, "last");
            Objects.requireNonNull(progress, "progress");
        }

        @SuppressWarnings("unchecked") // as after(...) says
        private AsyncState<T> whenTold(JobEvent event) {
            return switch (event) {
                case JobStartedEvent started -> this;
                case JobRetryingEvent retrying -> this;
                case JobProgressEvent told -> new Loading<>(jobId, last, Optional.of(told.progress()));
                case JobDataEvent<?> data -> whenShown(new Loaded<>((T) data.data(), data.asOf(), data.origin()));
                case JobSuccessEvent<?> success ->
                    new Ready<>(
                            new Loaded<>((T) success.data(), success.asOf(), success.origin(), success.refreshError()));
                case JobFailureEvent failure -> new Failed<>(failure.error(), lastReal());
                case JobTimeoutEvent timeout -> new Failed<>(new JobTimeoutException(timeout.limit()), lastReal());
                case JobCancelledEvent cancelled ->
                    lastReal().<AsyncState<T>>map(Ready::new).orElseGet(Idle::new);
            };
        }

        private AsyncState<T> whenShown(Loaded<T> shown) {
            boolean isWorse = !shown.isReal() && lastReal().isPresent();
            return isWorse ? this : new Loading<>(jobId, Optional.of(shown), progress);
        }

        private Optional<Loaded<T>> lastReal() {
            return last.filter(Loaded::isReal);
        }
    }

    /**
     * There.
     *
     * @param loaded the value, with when and from where
     */
    record Ready<T extends @Nullable Object>(Loaded<T> loaded) implements AsyncState<T> {
        /** Refuses null. */
        public Ready {
            Objects.requireNonNull(loaded, "loaded");
        }

        /** The value. */
        public T value() {
            return loaded.value();
        }

        @Override
        public Optional<Loaded<T>> last() {
            return Optional.of(loaded);
        }
    }

    /**
     * Not there, or not in its newest form.
     *
     * @param error why; a {@link JobTimeoutException} if the job's time was up
     * @param last the value that was there before; empty if none was
     */
    record Failed<T extends @Nullable Object>(Throwable error, Optional<Loaded<T>> last) implements AsyncState<T> {
        /** Refuses nulls. */
        public Failed {
            Objects.requireNonNull(error, "error");
            Objects.requireNonNull(last, "last");
        }
    }

    /** Nothing yet, and nothing on its way. */
    static <T extends @Nullable Object> AsyncState<T> idle() {
        return new Idle<>();
    }

    /** Something that is there from the start, such as what a file had. */
    static <T extends @Nullable Object> AsyncState<T> ready(T value, Instant at, Origin origin) {
        return new Ready<>(new Loaded<>(value, at, origin));
    }

    /** The newest value that there is, whatever happens to be under way; empty if none ever came. */
    Optional<Loaded<T>> last();

    /** Whether a job is on its way with it. */
    default boolean isLoading() {
        return this instanceof Loading;
    }

    /**
     * A job begins to bring it; whichever did so before is replaced, and what it still tells changes nothing.
     *
     * @param jobId the job's id
     */
    default AsyncState<T> loading(String jobId) {
        return new Loading<>(jobId, last(), Optional.empty());
    }

    /**
     * The state after something happened to a job; this one if it is not about the job that is loading.
     *
     * <p>A start begins the loading. A value before the ending is shown from then on, a placeholder only where there is no
     * real one. A success is the new value; a failure and a time limit keep the last real one, and a cancellation goes back
     * to it.
     *
     * @param event of a job that gives a {@code T}; with another one the value is of a wrong type
     */
    default AsyncState<T> after(JobEvent event) {
        String id = event.correlationId();
        if (event instanceof JobStartedEvent) return loading(id);
        return this instanceof Loading<T> loading && loading.jobId.equals(id) ? loading.whenTold(event) : this;
    }
}
