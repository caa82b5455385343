package dev.orchestrator;

/**
 * What a subscription or a registration gives back: closing it undoes it.
 *
 * <p>After {@link #close} has returned, nothing new is delivered; a call that another thread is just making may still be
 * under way. Closing twice does no harm. Any thread may close, also from inside the handler itself.
 */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Undoes the subscription or registration. */
    @Override
    void close();
}
