package dev.orchestrator;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is: a fraction, and if it likes a step of a total, a message and a payload.
 *
 * <p>Immutable; the {@code with} methods give a changed copy.
 *
 * @param fraction from 0 to 1; what is below 0 or no number counts as 0, above 1 as 1
 * @param step how many of the {@code total} steps are done; 0 if the job does not count them
 * @param total how many steps there are; 0 if the job does not know
 * @param message what the job is doing, in words for people
 * @param payload whatever else a screen needs
 */
public record JobProgress(
        double fraction,
        long step,
        long total,
        @Nullable String message,
        @Nullable Object payload) {

    /**
     * Puts the fraction between 0 and 1.
     *
     * @throws IllegalArgumentException if {@code step} or {@code total} is negative
     */
    public JobProgress {
        if (step < 0 || total < 0) {
            throw new IllegalArgumentException(
                    "steps must not be negative, were " + step + " of " + total + "; use 0 for unknown");
        }
        fraction = clamped(fraction);
    }

    /** Between 0 and 1. */
    static double clamped(double fraction) {
        return fraction > 0 ? Math.min(fraction, 1) : 0; // neither NaN nor -0.0 is above 0
    }

    /** Whether there is nothing but a fraction. */
    boolean isPlain() {
        return step == 0 && total == 0 && message == null && payload == null;
    }

    /** Just a fraction. */
    public static JobProgress of(double fraction) {
        return new JobProgress(fraction, 0, 0, null, null);
    }

    /** A step of a total, and the fraction that follows from them; 0 while the total is unknown. */
    public static JobProgress step(long step, long total) {
        return new JobProgress(total == 0 ? 0 : (double) step / total, step, total, null, null);
    }

    /** The same with a message. */
    public JobProgress withMessage(String message) {
        return new JobProgress(fraction, step, total, Objects.requireNonNull(message, "message"), payload);
    }

    /** The same with a payload. */
    public JobProgress withPayload(Object payload) {
        return new JobProgress(fraction, step, total, message, Objects.requireNonNull(payload, "payload"));
    }

    /** The same without the payload, which may hold what belongs in no log. */
    @Override
    public String toString() {
        return "JobProgress[" + fraction + (total > 0 ? ", " + step + " of " + total : "")
                + (message == null ? "" : ", " + message) + "]";
    }
}
