package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.Clock;
import com.github.kagkarlsson.scheduler.Resolvable;
import com.github.kagkarlsson.scheduler.TaskResolver;
import com.github.kagkarlsson.scheduler.event.SchedulerListeners;
import com.github.kagkarlsson.scheduler.task.Task;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Finds a task for every name in the queue: which works are claimed is said by {@link Claims}, and the dead ones of others are
 * found too if this process does not do them. So no name is ever unresolved, and nothing is ever deleted for that.
 */
@SuppressWarnings("rawtypes") // as it is declared there
final class QueueTasks extends TaskResolver {
    private final Recurring recurring;
    private final Function<String, WorkTask> making;
    private final Map<String, WorkTask> made = new ConcurrentHashMap<>();

    QueueTasks(Clock clock, Recurring recurring, Function<String, WorkTask> making) {
        super(SchedulerListeners.NOOP, clock, List.of());
        this.recurring = recurring;
        this.making = making;
    }

    @Override
    public Optional<Task> resolve(Resolvable resolvable, boolean addUnresolvedToExclusionFilter) {
        String name = resolvable.getTaskName();
        RecurringTick tick = recurring.of(name);
        return Optional.of(tick != null ? tick : made.computeIfAbsent(name, making));
    }
}
