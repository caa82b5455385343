package dev.orchestrator.durable;

import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import java.lang.reflect.Type;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * What is stored as JSON, and back: jobs, results, events, errors, options. Thread-safe.
 */
interface Payloads {
    /**
     * The JSON, and the hashes of the {@link Attachment}s in it, as the value's own class says.
     *
     * @throws IllegalArgumentException if it cannot be written or is too large; the message has no part of the value
     */
    default Encoded encode(Object value) {
        return encode(value, value.getClass());
    }

    /**
     * The same as a declared type says: the one with which it is read again. It makes a difference for collections and other
     * generic types, and for families whose members are told apart by what the family says.
     */
    Encoded encode(@Nullable Object value, Type type);

    /**
     * Finds out whether values of a type could be read at all, as far as that can be known without one.
     *
     * @throws IllegalArgumentException if they could not, saying why
     */
    void check(Type type);

    record Encoded(String json, Collection<String> attachments) {}

    /**
     * The value that was stored.
     *
     * @param what what is read, for the message of the exception
     * @throws UnreadableException if it is not JSON of that type
     */
    @Nullable
    Object decode(String json, Type type, String what);

    /** An error with its text, its trace (at most 16,000 characters) and what it was caused by, as JSON. */
    String encodeError(Throwable error);

    /** The stored error: a {@link StoredErrorException} that says what the other one was. */
    Throwable decodeError(String json);

    /**
     * What a dispatch asked for, as far as it can be stored: attempt limit, grace, interval of progress.
     *
     * @throws IllegalArgumentException if it asks for something that cannot be stored, saying what to do: a retry policy, a
     *     worker, debounce, throttle
     */
    String encodeOptions(JobOptions asked);

    JobOptions decodeOptions(String json);

    String encodeProgress(JobProgress progress);

    JobProgress decodeProgress(String json);
}
