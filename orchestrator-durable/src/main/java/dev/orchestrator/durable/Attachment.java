package dev.orchestrator.durable;

import java.util.Objects;

/**
 * A file that a durable job needs, copied into the database with it: a part of the job's record.
 *
 * @param hash the SHA-256 of its content, in hexadecimal digits; by it the content is found
 * @param name the file's name, for people
 * @param size how many bytes it has
 */
public record Attachment(String hash, String name, long size) {
    /** Checks that nothing is missing. */
    public Attachment {
        Objects.requireNonNull(hash, "hash");
        Objects.requireNonNull(name, "name");
        if (!hash.matches("[0-9a-f]{64}"))
            throw new IllegalArgumentException("no SHA-256 in hexadecimal digits: " + hash);
        if (size < 0) throw new IllegalArgumentException("a size must not be negative, was " + size);
    }
}
