package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.task.AbstractTask;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.SchedulableInstance;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import java.util.function.Consumer;

/**
 * The works of one name, as db-scheduler sees them. It claims them, keeps them alive and finds dead ones; what becomes of
 * them in the database is written by the {@link Store}, in the same transaction as the rest, and not by db-scheduler.
 */
final class WorkTask extends AbstractTask<Void> {
    private final Consumer<? super Execution> work;

    WorkTask(String name, Consumer<? super Execution> work, Consumer<? super Execution> dead) {
        super(
                name,
                Void.class,
                (complete, operations) -> {},
                (complete, operations) -> dead.accept(complete.getExecution()));
        this.work = work;
    }

    @Override
    public CompletionHandler<Void> execute(TaskInstance<Void> instance, ExecutionContext context) {
        work.accept(context.getExecution());
        return (complete, operations) -> {};
    }

    @Override
    public SchedulableInstance<Void> schedulableInstance(String id) {
        throw new UnsupportedOperationException("works are put into the queue by the store");
    }

    @Override
    public SchedulableInstance<Void> schedulableInstance(String id, Void data) {
        return schedulableInstance(id);
    }
}
