package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Is told what a handler, subscriber or listener threw, after it was logged (P5).
 *
 * <p>Called on the thread where it was thrown, which goes on afterwards; so it should be short. What the error handler
 * itself throws is logged and nothing more.
 */
@FunctionalInterface
public interface ErrorHandler {
    /**
     * Is told of one error.
     *
     * @param error what was thrown
     * @param handler who threw it, in words for people
     * @param event what the handler was handling; null if it was no event
     */
    void onError(Throwable error, String handler, @Nullable Event event);
}
