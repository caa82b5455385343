package dev.orchestrator;

import dev.orchestrator.spi.Threads.Role;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A declared saga, to be run as often as one likes: a name and a {@linkplain SagaFlow flow} of jobs.
 *
 * <p>If a job fails, times out or is cancelled, the saga undoes what was done, newest first, each compensation with its own
 * retries and limits, all of them even if one fails; then it reports. What is undone is undone by jobs of the dispatcher, so
 * neither a stopped job nor a closed orchestrator is in the way.
 *
 * @param <I> what it needs
 * @param <O> what it gives
 */
public final class SagaDefinition<I extends @Nullable Object, O extends @Nullable Object> {
    private final String name;
    private final SagaFlow<I, O> flow;

    SagaDefinition(String name, SagaFlow<I, O> flow) {
        this.name = Ids.checked(name, "the name of a saga");
        this.flow = Objects.requireNonNull(flow, "flow");
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /**
     * Runs it on this thread, and gives the report when all is done or undone.
     *
     * <p>An interrupt stops the saga as {@link SagaRun#cancel} does; it is kept until the end.
     *
     * @param dispatcher who takes its jobs
     */
    public SagaReport<O> run(I input, Dispatcher dispatcher) {
        return on(dispatcher).go(flow, input);
    }

    /**
     * Runs it on this thread, inside a job: its jobs are children of that one, and its events that one's.
     *
     * <p>When that job is stopped, the saga is too, and undoes what was done; the job may be told as cancelled before that is
     * over, since its code has only a grace to leave.
     *
     * @param context what the dispatcher gave to the executor
     * @throws IllegalArgumentException if the context is none that a dispatcher gave
     */
    public SagaReport<O> run(I input, JobContext context) {
        var steps = SagaSteps.in(context, name);
        Dispatcher dispatcher = RunAttempt.of(context).run().dispatcher();
        var dispatching = new SagaScope.Dispatching() {
            @Override
            public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
                return context.dispatch(job, options);
            }
        };
        return new SagaRun<O>(new SagaScope(steps, dispatching, dispatcher)).go(flow, input);
    }

    /**
     * Starts it on a thread of its own.
     *
     * @param dispatcher who takes its jobs
     * @return the way to its report, and to stop it
     */
    public SagaRun<O> start(I input, Dispatcher dispatcher) {
        return started(input, on(dispatcher));
    }

    /**
     * Starts it on a thread of its own, with jobs that are an orchestrator's own.
     *
     * @param orchestrator who dispatches its jobs; if it is closed meanwhile, the saga undoes what was done
     * @return the way to its report, and to stop it
     */
    public SagaRun<O> start(I input, BaseOrchestrator<?> orchestrator) {
        var dispatching = new SagaScope.Dispatching() {
            @Override
            public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
                return orchestrator.dispatch(job, options);
            }
        };
        var steps = SagaSteps.on(orchestrator.bus(), name);
        return started(input, new SagaRun<>(new SagaScope(steps, dispatching, orchestrator.dispatcher())));
    }

    private SagaRun<O> on(Dispatcher dispatcher) {
        var dispatching = new SagaScope.Dispatching() {
            @Override
            public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
                return dispatcher.dispatch(job, options);
            }
        };
        return new SagaRun<>(new SagaScope(SagaSteps.on(dispatcher.bus(), name), dispatching, dispatcher));
    }

    private SagaRun<O> started(I input, SagaRun<O> run) {
        run.threads().start(Role.WORKER, "saga " + name, () -> run.go(flow, input));
        return run;
    }

    /** A diagram of it, as the text of a Mermaid flow chart. */
    public String mermaid() {
        return SagaDiagram.of(name, flow);
    }
}
