package dev.orchestrator.cache;

import java.util.Objects;

/**
 * What a stored value is found by.
 *
 * @param kind the stable name of a kind of jobs, as in {@code fetch-user}; it outlives a renamed class
 * @param parts the parts of the key as canonical text: equal keys have equal text
 */
public record StoreKey(String kind, String parts) {
    /** @throws IllegalArgumentException if {@code kind} is blank */
    public StoreKey {
        if (kind.isBlank()) throw new IllegalArgumentException("kind must not be blank. Name the kind of jobs.");
        Objects.requireNonNull(parts, "parts");
    }
}
