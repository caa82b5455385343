package dev.orchestrator;

/**
 * Marks an exception that is never retried, whatever the {@link RetryPolicy} says (P8).
 *
 * <p>For an error that no further attempt can mend, such as a programming error or a refused password. The mark counts
 * on the error that the attempt ended with, not on its causes.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="non-retryable"}
 */
public interface NonRetryable {}
