package dev.orchestrator.cache;

import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value as a store keeps it.
 *
 * <p>It is immutable, if the array is left alone: that belongs to the value from the moment it is given, and is not
 * copied, neither here nor by {@link #bytes()}, since it may be large.
 *
 * @param bytes the encoded value; null means that the value is null
 * @param asOf when the value was true
 * @param keepUntil from this moment on, nobody is given the value
 * @param invalidated whether the value is known to be outdated: it may be shown, and never counts as fresh
 * @param tags the names under which it can be invalidated together with others
 */
@SuppressWarnings("ArrayRecordComponent") // equality is by content, see below
public record StoredValue(
        byte @Nullable [] bytes, Instant asOf, Instant keepUntil, boolean invalidated, Set<String> tags) {

    /** Copies the tags. */
    public StoredValue {
        Objects.requireNonNull(asOf, "asOf");
        Objects.requireNonNull(keepUntil, "keepUntil");
        tags = Set.copyOf(tags);
    }

    /** Equal content, not only the same array. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoredValue that
                && Arrays.equals(bytes, that.bytes)
                && asOf.equals(that.asOf)
                && keepUntil.equals(that.keepUntil)
                && invalidated == that.invalidated
                && tags.equals(that.tags);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(bytes), asOf, keepUntil, invalidated, tags);
    }

    /** Tells how long the value is, and never what is in it. */
    @Override
    public String toString() {
        String length = bytes == null ? "null" : bytes.length + " bytes";
        return "StoredValue[" + length + ", asOf=" + asOf + ", keepUntil=" + keepUntil + ", invalidated=" + invalidated
                + ", tags=" + tags + "]";
    }
}
