package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.task.DeadExecutionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A recurring task, which db-scheduler has done once in the cluster, and which keeps its time until it is done: a tick that is
 * done again, after a crash or trouble, is told with the same time, so that it can be known.
 */
final class RecurringTick extends RecurringTask<Void> {
    private final Consumer<? super Instant> tick;

    RecurringTick(String name, Recurrence when, Consumer<? super Instant> tick) {
        super(name, when.schedule(), Void.class);
        this.tick = tick;
    }

    @Override
    public void executeRecurringly(TaskInstance<Void> instance, ExecutionContext context) {
        tick.accept(context.getExecution().executionTime);
    }

    @Override
    public FailureHandler<Void> getFailureHandler() {
        return (complete, operations) -> operations.reschedule(complete, complete.getExecution().executionTime);
    }

    @Override
    public DeadExecutionHandler<Void> getDeadExecutionHandler() {
        return (complete, operations) -> operations.reschedule(complete, complete.getExecution().executionTime);
    }
}
