package dev.orchestrator;

import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A step of a declared saga: a job, and the jobs that undo what it did.
 *
 * <p>An immutable value; each method gives a changed one. Functions are called on a thread of the saga and must only make a
 * job; what they throw counts as a failure of the step, or of its compensation.
 *
 * @param <I> what it needs
 * @param <O> what its job gives
 */
public final class SagaStep<I extends @Nullable Object, O extends @Nullable Object> extends SagaFlow<I, O> {
    private final String name;
    private final Function<? super I, ? extends Job<O>> job;
    private final JobOptions options;
    private final @Nullable BiFunction<? super I, ? super O, ? extends Job<?>> undo;
    private final @Nullable Function<? super I, ? extends Job<?>> undoIfUnknown;
    private final JobOptions undoOptions;

    private SagaStep(
            String name,
            Function<? super I, ? extends Job<O>> job,
            JobOptions options,
            @Nullable BiFunction<? super I, ? super O, ? extends Job<?>> undo,
            @Nullable Function<? super I, ? extends Job<?>> undoIfUnknown,
            JobOptions undoOptions) {
        this.name = name;
        this.job = job;
        this.options = options;
        this.undo = undo;
        this.undoIfUnknown = undoIfUnknown;
        this.undoOptions = undoOptions;
    }

    /**
     * A step that there is nothing to undo of.
     *
     * @param name what it is called in events, reports and diagrams
     * @param job makes the job
     * @throws IllegalArgumentException if {@code name} is blank
     */
    public static <I extends @Nullable Object, O extends @Nullable Object> SagaStep<I, O> of(
            String name, Function<? super I, ? extends Job<O>> job) {
        Ids.checked(name, "the name of a step");
        Objects.requireNonNull(job, "job");
        return new SagaStep<>(name, job, JobOptions.NONE, null, null, JobOptions.NONE);
    }

    /**
     * The same with options for its job: retries, time limits.
     *
     * @throws IllegalArgumentException if the options have what belongs to a registration
     */
    public SagaStep<I, O> with(JobOptions chosen) {
        return new SagaStep<>(name, job, chosen.checkedForDispatch(), undo, undoIfUnknown, undoOptions);
    }

    /** The same with a job that undoes it, made of its input and of what its job gave. */
    public SagaStep<I, O> undo(BiFunction<? super I, ? super O, ? extends Job<?>> compensation) {
        Objects.requireNonNull(compensation, "compensation");
        return new SagaStep<>(name, job, options, compensation, undoIfUnknown, undoOptions);
    }

    /**
     * The same with a job that undoes it when nobody knows whether it was done: its job timed out or was cancelled.
     */
    public SagaStep<I, O> undoIfUnknown(Function<? super I, ? extends Job<?>> compensation) {
        Objects.requireNonNull(compensation, "compensation");
        return new SagaStep<>(name, job, options, undo, compensation, undoOptions);
    }

    /**
     * The same with options for the jobs that undo it: retries, time limits.
     *
     * @throws IllegalArgumentException if the options have what belongs to a registration
     */
    public SagaStep<I, O> undoWith(JobOptions chosen) {
        return new SagaStep<>(name, job, options, undo, undoIfUnknown, chosen.checkedForDispatch());
    }

    @Override
    O run(I input, SagaScope scope, String label) throws Exception {
        var byResult = undo;
        var byInput = undoIfUnknown;
        return scope.steps()
                .step(
                        name + label,
                        () -> scope.run(job.apply(input), options),
                        byResult == null ? null : result -> scope.undo(byResult.apply(input, result), undoOptions),
                        byInput == null ? null : error -> scope.undo(byInput.apply(input), undoOptions));
    }

    @Override
    String draw(SagaDiagram diagram, String from) {
        return diagram.step(from, name, undo != null);
    }
}
