package dev.orchestrator.durable;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a durable job that did not succeed.
 *
 * @param number which attempt it was; 1 for the first
 * @param node the process that made it
 * @param began when it began, on the database's clock
 * @param ended when its failure was recorded
 * @param errorType the class of the error
 * @param error the text of the error; null if it has none
 * @param trace the stack trace, of at most 16,000 characters
 */
public record FailedAttempt(
        int number,
        String node,
        Instant began,
        Instant ended,
        String errorType,
        @Nullable String error,
        String trace) {}
