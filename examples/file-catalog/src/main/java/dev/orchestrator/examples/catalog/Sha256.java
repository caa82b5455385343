package dev.orchestrator.examples.catalog;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A SHA-256 hash as four numbers: a key for maps that needs no array. */
record Sha256(long a, long b, long c, long d) {
    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has SHA-256", impossible);
        }
    }

    static Sha256 of(byte[] hash) {
        var numbers = ByteBuffer.wrap(hash);
        return new Sha256(numbers.getLong(), numbers.getLong(), numbers.getLong(), numbers.getLong());
    }

    /** The bits are as good as random: some of them are as good a hash code as all of them. */
    @Override
    public int hashCode() {
        return (int) a;
    }

    @Override
    public String toString() {
        return "%016x%016x%016x%016x".formatted(a, b, c, d);
    }
}
