package dev.orchestrator;

/**
 * Something that happened in a saga.
 *
 * <p>Emitted on the saga's bus, or by the job that runs it, on the thread that made it happen.
 */
public sealed interface SagaEvent extends Event {
    /** What the saga is called. */
    String saga();

    /** The saga's id; the same in all its events. */
    String sagaId();

    /**
     * A step was done.
     *
     * @param step the step
     */
    record StepDone(String saga, String sagaId, String step) implements SagaEvent {}

    /**
     * A step threw.
     *
     * @param step the step
     * @param error what it threw
     */
    record StepFailed(String saga, String sagaId, String step, Throwable error) implements SagaEvent {}

    /**
     * A step was undone.
     *
     * @param step the step
     */
    record StepUndone(String saga, String sagaId, String step) implements SagaEvent {}

    /**
     * The compensation of a step failed for good.
     *
     * @param step the step
     * @param error what the compensation threw the last time
     */
    record UndoFailed(String saga, String sagaId, String step, Throwable error) implements SagaEvent {}

    /**
     * The saga has ended; the last of its events.
     *
     * @param report how it ended
     */
    record Ended(String saga, String sagaId, SagaReport<?> report) implements SagaEvent {}
}
