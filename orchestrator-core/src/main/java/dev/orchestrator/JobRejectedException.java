package dev.orchestrator;

import java.io.Serial;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy that the user chose turned a dispatch away: nothing was tracked, and no event tells of it.
 *
 * <p>Those who expect it ask with {@link Dispatcher#tryDispatch(Job)} or
 * {@link BaseOrchestrator#dispatchIfIdle(Object, Job)}, which answer with an empty {@code Optional} instead.
 */
public class JobRejectedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    /** Why a dispatch was turned away. */
    public enum Reason {
        /** A job with the same key is under way, and the dispatch asked to be dropped then. */
        KEY_IN_USE,
        /** As many jobs with the same key wait as the dispatch allows. */
        KEY_QUEUE_FULL,
        /** A job with the same key was dispatched within the window of a throttle. */
        THROTTLED,
        /** A limit of running jobs is reached, and it was not chosen to wait. */
        LIMIT_REACHED,
        /** A limit of running jobs is reached, and as many jobs wait for it as may. */
        LIMIT_QUEUE_FULL
    }

    /** Why the dispatch was turned away. */
    private final Reason reason;

    /** The key that was the reason. */
    private final transient @Nullable Object key;

    /**
     * Says that a policy turned a dispatch away; for those who {@linkplain Dispatcher#drive drive} jobs and have policies.
     *
     * @param key the key of the policy; null where it counts whatever the key
     * @param message what was refused, why, and what to do
     */
    public JobRejectedException(Reason reason, @Nullable Object key, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.key = key;
    }

    /** Why the dispatch was turned away. */
    public Reason reason() {
        return reason;
    }

    /** The key of the policy or of the limit; null where the limit counts whatever the key. Not serialized. */
    public @Nullable Object key() {
        return key;
    }
}
