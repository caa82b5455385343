package dev.orchestrator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a job is to be run: time limits, retries, its key, limits, the worker.
 *
 * <p>Options come from three places: the dispatch, the job itself ({@link JobWithOptions}) and the registration of its
 * executor. They are merged field by field, in that order of precedence: what the dispatch leaves unset falls through to
 * the job, and then to the registration. {@link Builder#noTimeout()} and {@link RetryPolicy#none()} are set values. They
 * travel beside the job, so that adding a time limit never changes what is dispatched.
 *
 * <p>All of them compose in one order, whichever are set:
 * {@code total timeout [ limit [ retry [ attempt timeout [ interceptors [ process ] ] ] ] ]}.
 *
 * <p>A value: immutable, compared by what is in it.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="options"}
 */
public final class JobOptions {
    /** Stands for "no limit, and none from a weaker source either". No user can set it as a duration. */
    private static final Duration NO_LIMIT = Duration.ZERO;

    /**
     * The key of a job and what happens when it is in use; they are set together.
     *
     * @param key anything with {@code equals} and {@code hashCode}
     * @param rule what happens to a dispatch that finds the key in use
     */
    public record SameKey(Object key, SameKeyRule rule) {}

    /**
     * A limit of those jobs of a type that have the same key.
     *
     * @param key anything with {@code equals} and {@code hashCode}
     * @param limit how many of them may be in flight
     */
    public record KeyLimit(Object key, RunLimit limit) {}

    private record Fields(
            @Nullable String id,
            @Nullable Duration timeout,
            @Nullable Duration attemptTimeout,
            @Nullable Duration grace,
            @Nullable Duration progressInterval,
            @Nullable RetryPolicy retry,
            @Nullable Executor worker,
            @Nullable CancellationToken token,
            @Nullable SameKey sameKey,
            @Nullable RunLimit limit,
            @Nullable KeyLimit keyLimit,
            Map<Class<?>, Object> extras) {}

    static final JobOptions NONE =
            new JobOptions(new Fields(null, null, null, null, null, null, null, null, null, null, null, Map.of()));

    private final Fields fields;

    private JobOptions(Fields fields) {
        this.fields = fields;
    }

    /** Options that ask for nothing. */
    public static JobOptions none() {
        return NONE;
    }

    /** Begins to make options. */
    public static Builder builder() {
        return new Builder();
    }

    /** These options where they are set, and those where these are not. */
    @SuppressWarnings("ReferenceEquality") // a short way for the usual case; others that are empty take the long one
    JobOptions over(JobOptions weaker) {
        if (weaker == NONE) return this;
        if (this == NONE) return weaker;
        Fields a = fields;
        Fields b = weaker.fields;
        return new JobOptions(new Fields(
                or(a.id, b.id),
                or(a.timeout, b.timeout),
                or(a.attemptTimeout, b.attemptTimeout),
                or(a.grace, b.grace),
                or(a.progressInterval, b.progressInterval),
                or(a.retry, b.retry),
                or(a.worker, b.worker),
                or(a.token, b.token),
                or(a.sameKey, b.sameKey),
                or(a.limit, b.limit),
                or(a.keyLimit, b.keyLimit),
                extrasOver(a.extras, b.extras)));
    }

    private static Map<Class<?>, Object> extrasOver(Map<Class<?>, Object> stronger, Map<Class<?>, Object> weaker) {
        if (weaker.isEmpty()) return stronger;
        if (stronger.isEmpty()) return weaker;
        var both = new HashMap<>(weaker);
        both.putAll(stronger);
        return Map.copyOf(both);
    }

    /** For a work inside of an attempt: whoever makes that one tries it again, and limits its time. */
    JobOptions forOneAttempt() {
        return new JobOptions(new Fields(
                null,
                null,
                null,
                fields.grace,
                fields.progressInterval,
                null,
                fields.worker,
                null,
                null,
                null,
                null,
                fields.extras));
    }

    /** What counts for one attempt that whoever drives the job has made, and decides on another one. */
    JobOptions forDrivenAttempt() {
        return new JobOptions(new Fields(
                null,
                fields.timeout,
                fields.attemptTimeout,
                fields.grace,
                fields.progressInterval,
                null,
                fields.worker,
                null,
                null,
                null,
                null,
                fields.extras));
    }

    /** These options with that id, whichever they had. */
    JobOptions withId(String id) {
        return builder().id(id).build().over(this);
    }

    /** These options with that key, whichever they had. */
    JobOptions withKey(SameKey key) {
        return new JobOptions(new Fields(
                fields.id,
                fields.timeout,
                fields.attemptTimeout,
                fields.grace,
                fields.progressInterval,
                fields.retry,
                fields.worker,
                fields.token,
                key,
                fields.limit,
                fields.keyLimit,
                fields.extras));
    }

    /** A key with its rule, checked as the builder checks them. */
    static SameKey keyed(Object key, SameKeyRule rule) {
        return new SameKey(Builder.checkedKey(key), rule);
    }

    private static <T> @Nullable T or(@Nullable T first, @Nullable T second) {
        return first != null ? first : second;
    }

    /** The id that this one dispatch gives the job; null if it gives none. */
    public @Nullable String id() {
        return fields.id;
    }

    /** How long the job has in all, from its dispatch; null if there is no such limit, set or unset. */
    public @Nullable Duration timeout() {
        return limitOf(fields.timeout);
    }

    /** How long each attempt has; null if there is no such limit, set or unset. */
    public @Nullable Duration attemptTimeout() {
        return limitOf(fields.attemptTimeout);
    }

    private static @Nullable Duration limitOf(@Nullable Duration set) {
        return set == null || set.isZero() ? null : set;
    }

    /** How long code that was stopped may take to leave before its job is told all the same; five seconds if not set. */
    public Duration grace() {
        return fields.grace == null ? JobRun.GRACE : fields.grace;
    }

    /** The time within which at most one report of progress is told; null if every one is. */
    public @Nullable Duration progressInterval() {
        return limitOf(fields.progressInterval);
    }

    /** What happens when an attempt fails; {@link RetryPolicy#none()} if not set. */
    public RetryPolicy retry() {
        return fields.retry == null ? RetryPolicy.none() : fields.retry;
    }

    /** Where the job's code runs; null for the dispatcher's worker, or a virtual thread of its own. */
    public @Nullable Executor worker() {
        return fields.worker;
    }

    /** What was set for another module, by its type; null if nothing was. */
    public <T> @Nullable T extra(Class<T> type) {
        Object value = fields.extras.get(type);
        return value == null ? null : type.cast(value);
    }

    /** The token that cancels the job; null if there is none. */
    public @Nullable CancellationToken token() {
        return fields.token;
    }

    /** The key of the job, and what happens when it is in use; null if it has none. */
    public @Nullable SameKey sameKey() {
        return fields.sameKey;
    }

    /** How many jobs of the type may be in flight on its dispatcher; null if there is no such limit. */
    public @Nullable RunLimit limit() {
        return fields.limit;
    }

    /** How many jobs of the type with the same key may be in flight; null if there is no such limit. */
    public @Nullable KeyLimit keyLimit() {
        return fields.keyLimit;
    }

    /** Refuses a key, where the method was given one. */
    JobOptions checkedWithoutKey() {
        if (fields.sameKey == null) return this;
        throw new IllegalArgumentException("the options have a key of their own (" + fields.sameKey.key
                + "); leave it out where the method is given one");
    }

    /** Refuses what cannot stand at a registration. */
    JobOptions checkedForRegistration() {
        refuse(fields.id != null, "an id belongs to one dispatch", "a registration");
        refuse(fields.token != null, "a cancellation token belongs to a dispatch or a job", "a registration");
        refuse(fields.sameKey != null, "a key belongs to a dispatch or a job", "a registration");
        refuse(fields.keyLimit != null, "the key of a limit belongs to a dispatch or a job", "a registration");
        return this;
    }

    /** Refuses what cannot stand in a job's own options. */
    JobOptions checkedForJob(Class<?> jobType) {
        refuse(fields.id != null, "an id belongs to one dispatch", "options() of " + jobType.getName());
        return checkedForDispatch();
    }

    /** Refuses what cannot stand at a dispatch. */
    JobOptions checkedForDispatch() {
        refuse(
                fields.limit != null,
                "a limit of a job type is set where its executor is registered",
                "the options of a single job; use limitPerKey there");
        return this;
    }

    private static void refuse(boolean isSet, String why, String where) {
        if (isSet) throw new IllegalArgumentException(why + ", so it cannot stand in " + where);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JobOptions options && fields.equals(options.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    /** What is set, and nothing else. */
    @Override
    public String toString() {
        var text = new StringJoiner(", ", "JobOptions[", "]");
        add(text, "id", fields.id);
        add(text, "timeout", NO_LIMIT.equals(fields.timeout) ? "none" : fields.timeout);
        add(text, "attemptTimeout", NO_LIMIT.equals(fields.attemptTimeout) ? "none" : fields.attemptTimeout);
        add(text, "grace", fields.grace);
        add(text, "progressInterval", NO_LIMIT.equals(fields.progressInterval) ? "none" : fields.progressInterval);
        add(text, "retry", fields.retry);
        add(text, "worker", fields.worker);
        add(text, "token", fields.token);
        add(text, "sameKey", fields.sameKey);
        add(text, "limit", fields.limit);
        add(text, "keyLimit", fields.keyLimit);
        add(text, "extras", fields.extras.isEmpty() ? null : fields.extras.values());
        return text.toString();
    }

    private static void add(StringJoiner text, String name, @Nullable Object value) {
        if (value != null) text.add(name + "=" + value);
    }

    /** Makes options; what is not set is left to the next source. Not for use by several threads at once. */
    public static final class Builder {
        private @Nullable String id;
        private @Nullable Duration timeout;
        private @Nullable Duration attemptTimeout;
        private @Nullable Duration grace;
        private @Nullable Duration progressInterval;
        private @Nullable RetryPolicy retry;
        private @Nullable Executor worker;
        private @Nullable CancellationToken token;
        private @Nullable SameKey sameKey;
        private @Nullable RunLimit limit;
        private @Nullable KeyLimit keyLimit;
        private final Map<Class<?>, Object> extras = new HashMap<>();

        private Builder() {}

        /**
         * The id of this one dispatch, for a job that brings none of its own; refused everywhere but at the dispatch.
         *
         * @throws IllegalArgumentException if blank
         */
        public Builder id(String value) {
            id = Ids.checked(value, "a job's id");
            return this;
        }

        /**
         * How long the job has in all, from its dispatch: waiting, retries and back-off included.
         *
         * <p>When it is over the job is interrupted and ends as {@link JobResult.TimedOut}.
         *
         * @throws IllegalArgumentException if not longer than zero
         */
        public Builder timeout(Duration value) {
            timeout = longerThanZero(value, "timeout", "To run without one, leave timeout() out or use noTimeout()");
            return this;
        }

        /** No total limit, even if the job or the registration has one. */
        public Builder noTimeout() {
            timeout = NO_LIMIT;
            return this;
        }

        /**
         * How long each attempt has; when it is over the attempt is interrupted, and has failed with a
         * {@link java.util.concurrent.TimeoutException} when its code has left.
         *
         * @throws IllegalArgumentException if not longer than zero
         */
        public Builder attemptTimeout(Duration value) {
            attemptTimeout = longerThanZero(
                    value,
                    "attemptTimeout",
                    "To run without one, leave attemptTimeout() out or use noAttemptTimeout()");
            return this;
        }

        /** No limit of an attempt, even if the job or the registration has one. */
        public Builder noAttemptTimeout() {
            attemptTimeout = NO_LIMIT;
            return this;
        }

        /**
         * How long code that was stopped may take to leave before its job is told all the same; five seconds if not set.
         *
         * @param value zero tells at once
         * @throws IllegalArgumentException if negative
         */
        public Builder grace(Duration value) {
            Objects.requireNonNull(value, "grace");
            if (value.isNegative()) {
                throw new IllegalArgumentException(
                        "grace must not be negative, was " + value + ". Use zero to tell a stopped job at once");
            }
            grace = value;
            return this;
        }

        /**
         * At most one report of progress is told within that time; later ones replace each other until it is over.
         *
         * <p>The last report is told before a success or a failure. Every report is told if this is not set.
         *
         * @param value zero tells every report, even if the job or the registration says otherwise
         * @throws IllegalArgumentException if negative
         */
        public Builder progressInterval(Duration value) {
            Objects.requireNonNull(value, "progressInterval");
            if (value.isNegative()) {
                throw new IllegalArgumentException(
                        "progressInterval must not be negative, was " + value + ". Use zero to tell every report");
            }
            progressInterval = value;
            return this;
        }

        /** What happens when an attempt fails; it is the only one if not set. */
        public Builder retry(RetryPolicy value) {
            retry = Objects.requireNonNull(value, "retry");
            return this;
        }

        /**
         * Where the job runs, instead of a virtual thread or the dispatcher's worker. Work that computes for long wants
         * platform threads.
         */
        public Builder worker(Executor value) {
            worker = Objects.requireNonNull(value, "worker");
            return this;
        }

        /** The token that cancels this job, and others; refused at a registration. */
        public Builder token(CancellationToken value) {
            token = Objects.requireNonNull(value, "token");
            return this;
        }

        /**
         * How many jobs of this type may be in flight on this dispatcher; only at a registration.
         *
         * @see Dispatcher.Builder#limit
         */
        public Builder limit(RunLimit value) {
            limit = Objects.requireNonNull(value, "limit");
            return this;
        }

        /**
         * How many jobs of the same type and with that key may be in flight; refused at a registration.
         *
         * <p>The first dispatch in flight with that key sets the limit.
         *
         * @param key anything with {@code equals} and {@code hashCode}
         * @throws IllegalArgumentException if {@code key} is a blank string
         */
        public Builder limitPerKey(Object key, RunLimit value) {
            keyLimit = new KeyLimit(checkedKey(key), Objects.requireNonNull(value, "limit"));
            return this;
        }

        /**
         * A dispatch with that key takes part in the job of its type with the same key that is under way.
         *
         * <p>It is a job of its own, with its id, owner, progress, retries and ending, but without work of its own:
         * cancelling it, or its timeout, ends it alone, and the work is stopped with the last one that takes part. How the
         * work is retried and limited is as the dispatch says that began it, and the events of the user's own go to that
         * one only. A work that is being stopped is not joined: then this one starts a new one when it is down. A child that
         * joins, or queues behind, the work of its own parent and awaits it waits for itself.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @throws IllegalArgumentException if {@code key} is a blank string
         */
        public Builder joinRunning(Object key) {
            return sameKey(key, new SameKeyRule.Join());
        }

        /**
         * A dispatch with that key is refused while one of its type with the same key is under way.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @throws IllegalArgumentException if {@code key} is a blank string
         */
        public Builder dropIfRunning(Object key) {
            return sameKey(key, new SameKeyRule.Drop());
        }

        /**
         * A dispatch with that key cancels those of its type with the same key, and starts when the running one's code
         * has left, or when its grace is over, in which case the two overlap.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @throws IllegalArgumentException if {@code key} is a blank string
         */
        public Builder replaceRunning(Object key) {
            return sameKey(key, new SameKeyRule.Replace());
        }

        /**
         * A dispatch with that key waits until those of its type with the same key have ended.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @param waiting how many may wait, the one running not counted; the next one is refused
         * @throws IllegalArgumentException if {@code key} is a blank string, or {@code waiting} less than 1
         */
        public Builder queueIfRunning(Object key, int waiting) {
            if (waiting < 1) {
                throw new IllegalArgumentException("a queue must have room for at least 1 job, was " + waiting
                        + ". Use dropIfRunning(key) for no queue");
            }
            return sameKey(key, new SameKeyRule.Queue(waiting));
        }

        /**
         * A dispatch with that key starts after a time of silence; one that comes before cancels it, unstarted.
         *
         * <p>Only debounced dispatches know each other: to the other rules the key is not in use by one.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @throws IllegalArgumentException if {@code key} is a blank string, or {@code silence} not longer than zero
         */
        public Builder debounce(Object key, Duration silence) {
            return sameKey(
                    key,
                    new SameKeyRule.Debounce(longerThanZero(
                            silence, "the silence of a debounce", "To start at once, leave debounce() out")));
        }

        /**
         * The first dispatch with that key starts at once; the others are refused until the window is over.
         *
         * <p>Only throttled dispatches know each other: to the other rules the key is not in use by one.
         *
         * @param key anything with {@code equals} and {@code hashCode} that does not change; it belongs to the dispatcher
         *     and the job's type
         * @throws IllegalArgumentException if {@code key} is a blank string, or {@code window} not longer than zero
         */
        public Builder throttle(Object key, Duration window) {
            return sameKey(
                    key,
                    new SameKeyRule.Throttle(longerThanZero(
                            window, "the window of a throttle", "To take them all, leave throttle() out")));
        }

        /**
         * What another module wants to know of a job, such as how its cache is to be asked; one value of a type.
         *
         * @param type the type of the value, by which the module finds it
         * @param value a value: immutable, compared by what is in it
         * @see dev.orchestrator.spi.SharingContext#extra
         */
        public <T> Builder extra(Class<T> type, T value) {
            extras.put(Objects.requireNonNull(type, "type"), type.cast(Objects.requireNonNull(value, "value")));
            return this;
        }

        private Builder sameKey(Object key, SameKeyRule rule) {
            sameKey = new SameKey(checkedKey(key), rule);
            return this;
        }

        private static Object checkedKey(Object key) {
            return key instanceof String text
                    ? Ids.checked(text, "a key")
                    : Objects.requireNonNull(key, "a key must not be null");
        }

        private static Duration longerThanZero(Duration value, String what, String otherwise) {
            Objects.requireNonNull(value, what);
            if (value.isNegative() || value.isZero())
                throw new IllegalArgumentException(what + " must be longer than zero, was " + value + ". " + otherwise);
            return value;
        }

        /** Makes the options. */
        public JobOptions build() {
            return new JobOptions(new Fields(
                    id,
                    timeout,
                    attemptTimeout,
                    grace,
                    progressInterval,
                    retry,
                    worker,
                    token,
                    sameKey,
                    limit,
                    keyLimit,
                    Map.copyOf(extras)));
        }
    }
}
