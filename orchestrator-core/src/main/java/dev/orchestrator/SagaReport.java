package dev.orchestrator;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a saga ended: one of three ways, to be matched in a {@code switch} that the compiler checks.
 *
 * @param <T> what the saga gives
 */
public sealed interface SagaReport<T extends @Nullable Object> {
    /** What the saga is called. */
    String saga();

    /** The saga's id, as in its events. */
    String id();

    /**
     * All steps were done.
     *
     * @param result what the saga gives
     */
    record Completed<T extends @Nullable Object>(String saga, String id, T result) implements SagaReport<T> {
        /** Refuses a null name or id. */
        public Completed {
            Objects.requireNonNull(saga, "saga");
            Objects.requireNonNull(id, "id");
        }
    }

    /**
     * Not all steps were done, and those that were are undone.
     *
     * @param because what stopped it; empty if it was rolled back without an error
     * @param undone the steps, in the order in which they were undone
     */
    record Compensated<T extends @Nullable Object>(
            String saga, String id, Optional<Throwable> because, List<String> undone) implements SagaReport<T> {
        /** Copies the list and refuses nulls. */
        public Compensated {
            Objects.requireNonNull(saga, "saga");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(because, "because");
            undone = List.copyOf(undone);
        }
    }

    /**
     * Not all steps were done, and not all of those that were are undone: somebody has to look after the rest.
     *
     * @param because what stopped it; empty if it was rolled back without an error
     * @param undone the steps that are undone, in that order
     * @param left the steps that are not, and why; in the order in which they were tried
     */
    record CompensationFailed<T extends @Nullable Object>(
            String saga, String id, Optional<Throwable> because, List<String> undone, List<NotUndone> left)
            implements SagaReport<T> {
        /** Copies the lists and refuses nulls. */
        public CompensationFailed {
            Objects.requireNonNull(saga, "saga");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(because, "because");
            undone = List.copyOf(undone);
            left = List.copyOf(left);
        }
    }

    /**
     * A step whose compensation failed.
     *
     * @param step the step
     * @param error what the compensation threw the last time
     */
    record NotUndone(String step, Throwable error) {
        /** Refuses nulls. */
        public NotUndone {
            Objects.requireNonNull(step, "step");
            Objects.requireNonNull(error, "error");
        }
    }
}
