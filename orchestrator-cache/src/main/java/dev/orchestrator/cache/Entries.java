package dev.orchestrator.cache;

import dev.orchestrator.Job;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which values of a cache are meant: by key, by type of job, by tag, by a predicate, or all.
 *
 * <p>A value, which can be kept and used again. What it means is looked up each time.
 */
public final class Entries {
    /** What is meant. */
    sealed interface Meaning {
        record OfKey(CacheKey key) implements Meaning {}

        record OfType(Class<?> jobType) implements Meaning {}

        record Tagged(Object tag) implements Meaning {}

        record Where(Predicate<? super CacheEntry> predicate) implements Meaning {}

        record All() implements Meaning {}

        record None() implements Meaning {}
    }

    private final Meaning meaning;

    private Entries(Meaning meaning) {
        this.meaning = meaning;
    }

    /**
     * The value of one key.
     *
     * @param jobType the class of the jobs that it answers
     * @param key the parts of the key, in their order and of their types ({@code 1L} for a {@code long}); just the job where
     *     {@link Cached#key} was not said. {@link Cached#entryOf} makes them out of a job.
     */
    @SuppressWarnings("rawtypes") // Class<? extends Job<?>> would refuse the class of a generic record
    public static Entries key(Class<? extends Job> jobType, @Nullable Object... key) {
        return of(new CacheKey(jobType, key));
    }

    static Entries of(CacheKey key) {
        return new Entries(new Meaning.OfKey(key));
    }

    /**
     * The values of a type of jobs.
     *
     * @param jobType the jobs' class, or a supertype of theirs
     */
    @SuppressWarnings("rawtypes")
    public static Entries type(Class<? extends Job> jobType) {
        return new Entries(new Meaning.OfType(Objects.requireNonNull(jobType, "jobType")));
    }

    /** The values with a tag. */
    public static Entries tagged(Object tag) {
        return new Entries(new Meaning.Tagged(Objects.requireNonNull(tag, "tag")));
    }

    /**
     * The values of which a predicate is true.
     *
     * @param predicate called for each value in memory, on the thread that uses these entries, and for the value of a fetch
     *     that was under way, when that is over. Where it throws, the value counts as meant. On disk all values are
     *     meant.
     */
    public static Entries where(Predicate<? super CacheEntry> predicate) {
        return new Entries(new Meaning.Where(Objects.requireNonNull(predicate, "predicate")));
    }

    /** All values. */
    public static Entries all() {
        return new Entries(new Meaning.All());
    }

    /** No value at all. */
    public static Entries none() {
        return new Entries(new Meaning.None());
    }

    Meaning meaning() {
        return meaning;
    }

    /**
     * Whether the value that will come for a key may be meant; calls no predicate, so this one is "perhaps".
     *
     * @param knownTags the tags that it will have; null if they come with it
     */
    boolean mayMean(CacheKey key, @Nullable Set<Object> knownTags) {
        return switch (meaning) {
            case Meaning.OfKey(CacheKey only) -> only.equals(key);
            case Meaning.OfType(Class<?> type) -> type.isAssignableFrom(key.jobType());
            case Meaning.Tagged(Object tag) -> knownTags == null || knownTags.contains(tag);
            case Meaning.Where where -> true;
            case Meaning.All all -> true;
            case Meaning.None none -> false;
        };
    }

    /** Whether {@link #mayMean} is more than "perhaps". */
    boolean isSure() {
        return !(meaning instanceof Meaning.Tagged || meaning instanceof Meaning.Where);
    }

    /** Whether a value is meant; throws what a predicate throws. */
    boolean means(CacheKey key, CacheEntry entry) {
        return switch (meaning) {
            case Meaning.Tagged(Object tag) -> entry.tags().contains(tag);
            case Meaning.Where(var predicate) -> predicate.test(entry);
            default -> mayMean(key, entry.tags());
        };
    }

    /** The sort of what is meant, and nothing of what is in it. */
    @Override
    public String toString() {
        return "Entries." + meaning.getClass().getSimpleName();
    }
}
