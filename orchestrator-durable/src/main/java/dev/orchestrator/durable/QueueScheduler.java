package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.Clock;
import com.github.kagkarlsson.scheduler.CurrentlyExecuting;
import com.github.kagkarlsson.scheduler.HeartbeatConfig;
import com.github.kagkarlsson.scheduler.PollingStrategyConfig;
import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.TaskRepository;
import com.github.kagkarlsson.scheduler.Waiter;
import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepository;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.serializer.Serializer;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** db-scheduler on our queue: it polls, claims, keeps leases alive and finds dead ones. */
final class QueueScheduler extends Scheduler {
    /** The table of the queue, in both databases. */
    private static final String TABLE = "orch_queue";

    private static final Duration FOR_EVER = Duration.ofDays(36_500);

    /** Missed heartbeats until a lease is over; the least that db-scheduler allows. */
    private static final int HEARTBEATS = 4;

    private final Leases leases;
    private final Clock clock;
    private final HeartbeatConfig heartbeats;

    /** Makes it; it does nothing before {@link #start}. */
    static QueueScheduler create(
            Store store, Settings settings, String node, QueueTasks tasks, Claims claims, Clock clock, Leases leases) {
        var name = new SchedulerName.Fixed(node);
        var repository = new JdbcTaskRepository(
                store.queue(),
                true,
                store.isPostgres() ? new PostgresClaims(claims) : new SqliteClaims(claims),
                TABLE,
                tasks,
                name,
                new NoData(),
                true,
                clock);
        return new QueueScheduler(repository, settings, name, tasks, clock, leases);
    }

    private QueueScheduler(
            TaskRepository repository,
            Settings settings,
            SchedulerName name,
            QueueTasks tasks,
            Clock clock,
            Leases leases) {
        super(
                clock,
                repository,
                repository,
                tasks,
                Claims.CLAIMS_PER_WORKER * settings.workers() + Claims.RECURRING,
                new WorkThreads(),
                name,
                new Waiter(settings.poll(), clock),
                settings.lease().dividedBy(HEARTBEATS),
                HEARTBEATS,
                new ArrayList<>(),
                List.of(),
                new PollingStrategyConfig(PollingStrategyConfig.Type.LOCK_AND_FETCH, 0.5, 1.0),
                FOR_EVER,
                Duration.ZERO,
                LogLevel.WARN,
                true,
                List.of(),
                Executors.newSingleThreadExecutor(daemons("durable-claims")),
                Executors.newScheduledThreadPool(2, daemons("durable-leases")));
        this.clock = clock;
        this.leases = leases;
        Duration beat = settings.lease().dividedBy(HEARTBEATS);
        this.heartbeats = new HeartbeatConfig(beat, HEARTBEATS, beat.multipliedBy(HEARTBEATS));
        leases.renewBy(repository);
    }

    private static ThreadFactory daemons(String name) {
        return Thread.ofPlatform().daemon().name(name, 0).factory();
    }

    Clock clock() {
        return clock;
    }

    /** Does the work of a claim that was made elsewhere, on a thread of its own, and keeps the claim alive meanwhile. */
    void execute(Execution claimed, Runnable work) {
        executor.addToQueue(
                () -> {
                    UUID place = executor.addCurrentlyProcessing(new CurrentlyExecuting(claimed, clock, heartbeats));
                    try {
                        work.run();
                    } finally {
                        executor.removeCurrentlyProcessing(place);
                    }
                },
                () -> {});
    }

    @Override
    protected void updateHeartbeatForExecution(Instant now, CurrentlyExecuting executing) {
        executing.heartbeat(leases.renew(executing.getExecution(), now), now);
    }

    /** Our rows have no data. */
    private static final class NoData implements Serializer {
        @Override
        public byte @Nullable [] serialize(@Nullable Object data) {
            return null;
        }

        @Override
        public <T> @Nullable T deserialize(Class<T> type, byte @Nullable [] data) {
            return null;
        }
    }
}
