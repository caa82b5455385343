package dev.orchestrator.cache;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobResult;
import dev.orchestrator.Origin;
import dev.orchestrator.cache.CacheTrouble.Where;
import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.SharingExecutor;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An executor with a cache around it: registered in its place, with nothing else to change.
 *
 * <p>A value: each method gives another one. All jobs with the same key that are under way at the same time take part in
 * one fetch, each with its own ending; the fetch goes on as long as one of them waits for it. Retries, the time limit of
 * an attempt and interceptors of the registration are those of the fetch.
 *
 * <p>What is kept comes as a {@link dev.orchestrator.JobDataEvent} before the ending, and where it is the ending, that says
 * its {@linkplain dev.orchestrator.JobSuccessEvent#origin() origin}, its {@linkplain
 * dev.orchestrator.JobSuccessEvent#asOf() age} and why it could not be {@linkplain
 * dev.orchestrator.JobSuccessEvent#refreshError() refreshed}.
 *
 * {@snippet class="dev.orchestrator.cache.Snippets" region="cached"}
 *
 * @param <J> the type of the jobs
 * @param <R> what they give back
 */
public final class Cached<J extends @Nullable Object, R extends @Nullable Object> implements SharingExecutor<J, R> {
    private record Settings<J extends @Nullable Object, R extends @Nullable Object>(
            JobCache cache,
            @Nullable JobExecutor<? super J, ? extends R> plain,
            @Nullable AsyncJobExecutor<? super J, ? extends R> async,
            List<Function<? super J, ? extends @Nullable Object>> key,
            Ages ages,
            @Nullable Function<? super J, CacheMode> mode,
            @Nullable Function<? super J, ? extends R> placeholder,
            @Nullable BiFunction<? super J, ? super R, ? extends Collection<?>> tags,
            @Nullable Set<Object> knownTags,
            @Nullable DiskKind<R> kind) {
        Settings<J, R> with(Ages other) {
            return new Settings<>(cache, plain, async, key, other, mode, placeholder, tags, knownTags, kind);
        }
    }

    private final Settings<J, R> is;

    private Cached(Settings<J, R> settings) {
        this.is = settings;
    }

    /**
     * Puts a cache around an executor.
     *
     * @param cache where values are kept
     * @param executor who is asked when nothing is kept that will do
     */
    public static <J extends @Nullable Object, R extends @Nullable Object> Cached<J, R> with(
            JobCache cache, JobExecutor<J, R> executor) {
        return of(cache, Objects.requireNonNull(executor, "executor"), null);
    }

    /**
     * Puts a cache around an executor that answers with a stage; it is registered with {@code register} all the same.
     *
     * @param cache where values are kept
     * @param executor who is asked when nothing is kept that will do
     */
    public static <J extends @Nullable Object, R extends @Nullable Object> Cached<J, R> withAsync(
            JobCache cache, AsyncJobExecutor<J, R> executor) {
        return of(cache, null, Objects.requireNonNull(executor, "executor"));
    }

    private static <J extends @Nullable Object, R extends @Nullable Object> Cached<J, R> of(
            JobCache cache, @Nullable JobExecutor<J, R> plain, @Nullable AsyncJobExecutor<J, R> async) {
        Objects.requireNonNull(cache, "cache");
        return new Cached<>(
                new Settings<>(cache, plain, async, List.of(), Ages.UNSET, null, null, null, Set.of(), null));
    }

    // ---- what it is like ----

    /**
     * What jobs have in common that get the same value; the job itself if this is not said.
     *
     * @param parts each takes one part of the key out of a job: anything with {@code equals} and {@code hashCode} that does
     *     not change, or null
     * @throws IllegalArgumentException if there are no parts
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // the array is copied
    public final Cached<J, R> key(Function<? super J, ? extends @Nullable Object>... parts) {
        if (parts.length == 0)
            throw new IllegalArgumentException("a key has at least one part; leave key() out for the job itself");
        return new Cached<>(new Settings<>(
                is.cache,
                is.plain,
                is.async,
                List.of(parts),
                is.ages,
                is.mode,
                is.placeholder,
                is.tags,
                is.knownTags,
                is.kind));
    }

    /**
     * How long a value is fresh, from when it came; until it is invalidated if this is not said.
     *
     * @throws IllegalArgumentException if negative
     */
    public Cached<J, R> freshFor(Duration length) {
        return with(new Ages(notNegative(length, "freshFor"), is.ages.staleFor(), is.ages.staleIfError()));
    }

    /**
     * How long a value may be shown, while a newer one is on its way, after it was fresh; not at all if this is not said.
     *
     * <p>Makes {@link CacheMode#STALE_WHILE_REVALIDATE} the mode, unless another one is said.
     *
     * @throws IllegalArgumentException if negative
     */
    public Cached<J, R> staleFor(Duration length) {
        return with(new Ages(is.ages.freshFor(), notNegative(length, "staleFor"), is.ages.staleIfError()));
    }

    /**
     * How long a value may be given, where there is no newer one because the fetch has failed, after it was fresh; not at
     * all if this is not said.
     *
     * @throws IllegalArgumentException if negative
     */
    public Cached<J, R> staleIfError(Duration length) {
        return with(new Ages(is.ages.freshFor(), is.ages.staleFor(), notNegative(length, "staleIfError")));
    }

    private Cached<J, R> with(Ages ages) {
        return new Cached<>(is.with(ages));
    }

    private static Duration notNegative(Duration length, String what) {
        if (length.isNegative()) throw new IllegalArgumentException(what + " must not be negative, was " + length);
        return length;
    }

    /** In which order cache and executor are asked, unless the options of the job say it ({@link CacheMode#options}). */
    public Cached<J, R> mode(CacheMode mode) {
        Objects.requireNonNull(mode, "mode");
        return modeOf(job -> mode);
    }

    /** As {@link #mode}, by what is in a job; where it throws, as if no mode was said. */
    public Cached<J, R> modeOf(Function<? super J, CacheMode> mode) {
        Objects.requireNonNull(mode, "mode");
        return new Cached<>(new Settings<>(
                is.cache, is.plain, is.async, is.key, is.ages, mode, is.placeholder, is.tags, is.knownTags, is.kind));
    }

    /** What is shown until the first value comes, where none is kept. */
    public Cached<J, R> placeholder(R value) {
        return placeholderOf(job -> value);
    }

    /** As {@link #placeholder}, made out of a job. */
    public Cached<J, R> placeholderOf(Function<? super J, ? extends R> value) {
        Objects.requireNonNull(value, "value");
        return new Cached<>(new Settings<>(
                is.cache, is.plain, is.async, is.key, is.ages, is.mode, value, is.tags, is.knownTags, is.kind));
    }

    /** What values are tagged with, to be {@linkplain Entries#tagged invalidated together}. */
    public Cached<J, R> tags(Object... tags) {
        Set<Object> all = Set.copyOf(List.of(tags));
        return tagged((job, value) -> all, all);
    }

    /**
     * As {@link #tags}, by what is in a job and in its value.
     *
     * @param tags where it throws, the value is not kept
     */
    public Cached<J, R> tagsOf(BiFunction<? super J, ? super R, ? extends Collection<?>> tags) {
        Objects.requireNonNull(tags, "tags");
        return tagged(tags, null);
    }

    private Cached<J, R> tagged(
            BiFunction<? super J, ? super R, ? extends Collection<?>> tags, @Nullable Set<Object> known) {
        return new Cached<>(new Settings<>(
                is.cache, is.plain, is.async, is.key, is.ages, is.mode, is.placeholder, tags, known, is.kind));
    }

    /**
     * Keeps values on the disk of the cache too.
     *
     * @param type the class of the jobs, or that of their family
     * @param name the name of their kind on disk, which stays when the class is renamed, such as {@code fetch-user}
     * @param codec makes bytes out of values
     * @throws IllegalStateException if the cache has no store, or is closed
     * @throws IllegalArgumentException if the name is blank or stands for another type already
     */
    public Cached<J, R> onDisk(Class<? extends J> type, String name, Codec<R> codec) {
        var kind = new DiskKind<>(type, name, codec);
        is.cache.register(kind);
        return new Cached<>(new Settings<>(
                is.cache, is.plain, is.async, is.key, is.ages, is.mode, is.placeholder, is.tags, is.knownTags, kind));
    }

    /**
     * The value of a job, to be {@linkplain JobCache#invalidate invalidated}.
     *
     * @param job one with the same key; what a function of {@link #key} throws is thrown
     */
    public Entries entryOf(J job) {
        return Entries.of(keyOf(job));
    }

    // ---- one job ----

    @Override
    public CompletionStage<? extends R> begin(J job, SharingContext<R> context) {
        CacheKey key = keyOf(job, context);
        if (key == null) return alone(job, context);
        try {
            return new CachedJob<>(is.cache, job, key, mode(job, context), context, keeping(job), this).begin();
        } catch (BrokenKeyException broken) {
            trouble(job, context, Where.KEY, broken.thrown);
            return alone(job, context);
        }
    }

    private @Nullable CacheKey keyOf(J job, SharingContext<R> context) {
        try {
            return keyOf(job);
        } catch (Throwable thrown) {
            trouble(job, context, Where.KEY, thrown);
            return null;
        }
    }

    private CacheKey keyOf(J job) {
        Class<?> type = Objects.requireNonNull(job, "job").getClass();
        if (is.key.isEmpty()) return new CacheKey(type, job);
        var parts = new @Nullable Object[is.key.size()];
        for (int i = 0; i < parts.length; i++) parts[i] = is.key.get(i).apply(job);
        return new CacheKey(type, parts);
    }

    /** The one of the options, the one of this executor, or what follows from the ages. */
    private CacheMode mode(J job, SharingContext<R> context) {
        CacheMode asked = context.extra(CacheMode.class).orElse(null);
        if (asked != null) return asked;
        CacheMode usual = is.ages.staleFor().isZero() ? CacheMode.CACHE_FIRST : CacheMode.STALE_WHILE_REVALIDATE;
        if (is.mode == null) return usual;
        try {
            return Objects.requireNonNull(is.mode.apply(job), "mode");
        } catch (Throwable thrown) {
            trouble(job, context, Where.MODE, thrown);
            return usual;
        }
    }

    void trouble(J job, SharingContext<R> context, Where where, Throwable thrown) {
        String what = job == null ? "no job" : job.getClass().getName();
        is.cache.troubles().tell(context, new CacheTrouble(where, what, thrown));
    }

    private JobCache.Keeping<R> keeping(J job) {
        return new JobCache.Keeping<>() {
            @Override
            public Ages ages() {
                return is.ages;
            }

            @Override
            public @Nullable DiskKind<R> kind() {
                return is.kind;
            }

            @Override
            public @Nullable Set<Object> knownTags() {
                return is.knownTags;
            }

            @Override
            public Set<Object> tagsOf(R value) {
                return is.tags == null ? Set.of() : new HashSet<>(is.tags.apply(job, value));
            }
        };
    }

    /** Without a key: as if there was no cache. */
    private CompletionStage<R> alone(J job, SharingContext<R> context) {
        SharedWork<R> work = work(job, context, result -> {});
        CompletionStage<R> stage =
                Objects.requireNonNull(context.join(work, result -> result), "a fresh work takes whoever comes");
        work.start();
        return stage;
    }

    /** The fetch for that job, which is not the context's own where another executor has called this one with it. */
    SharedWork<R> work(J job, SharingContext<R> context, Consumer<JobResult<R>> beforeTelling) {
        var plain = is.plain;
        if (plain != null) return context.share((own, its) -> plain.execute(job, its), beforeTelling);
        var async = Objects.requireNonNull(is.async);
        return context.shareAsync((own, its) -> async.execute(job, its), beforeTelling);
    }

    /** Shows a placeholder, if there is one. */
    void showPlaceholder(J job, SharingContext<R> context) {
        if (is.placeholder == null) return;
        try {
            context.data(is.placeholder.apply(job), Origin.PLACEHOLDER);
        } catch (Throwable thrown) {
            trouble(job, context, Where.PLACEHOLDER, thrown);
        }
    }

    /** A key whose {@code equals} throws. */
    static final class BrokenKeyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Throwable thrown;

        BrokenKeyException(Throwable thrown) {
            super(thrown);
            this.thrown = thrown;
        }
    }
}
