package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * The wall around every handler (P5): what it throws is logged and told to the error handler, and goes no further.
 *
 * <p>Everything that can be thrown is stopped here, errors of the virtual machine too: the thread belongs to somebody
 * else (an emitter, a lane), who has done nothing wrong.
 */
final class UserCode {
    private final @Nullable ErrorHandler errorHandler;

    UserCode(@Nullable ErrorHandler errorHandler) {
        this.errorHandler = errorHandler;
    }

    void report(Throwable error, String handler, @Nullable Event event) {
        String handling = event == null ? "" : " while it handled " + Ids.nameOf(event.getClass());
        Log.error(handler + " threw " + error.getClass().getName() + handling, error);
        if (errorHandler == null) return;
        try {
            errorHandler.onError(error, handler, event);
        } catch (Throwable ofTheErrorHandler) {
            Log.error("the error handler threw", ofTheErrorHandler);
        }
    }

    /** Runs what belongs to a user and is about no event. */
    void run(String handler, Runnable code) {
        try {
            code.run();
        } catch (Throwable thrown) {
            report(thrown, handler, null);
        }
    }
}
