package dev.orchestrator.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** Plain one-time tasks of db-scheduler: a row that is removed when it is done; no result, no owner, nobody is told. */
final class DbSchedulerTasks implements DurableRoundTrip {
    private static final TaskDescriptor<Void> ADD_ONE = TaskDescriptor.of("add-one");
    private static final int SQLITE_CONNECTIONS = 4; // more wait for each other longer
    private static final AtomicInteger NODES = new AtomicInteger();

    private final HikariDataSource pool;
    private final Scheduler scheduler;

    DbSchedulerTasks(Place place, Finish finish, Duration poll) {
        makeTable(place);
        pool = place.pool(place.isSqlite() ? SQLITE_CONNECTIONS : DurableRun.WORKERS);
        var task = Tasks.custom(ADD_ONE).execute((instance, context) -> {
            long number = Long.parseLong(
                    instance.getId().substring(0, instance.getId().indexOf(' ')));
            long result = RoundTrip.work(number);
            return (complete, operations) -> {
                operations.remove();
                finish.handled(result, number + 1);
            };
        });
        var builder = Scheduler.create(pool, task)
                .schedulerName(new SchedulerName.Fixed("node-" + NODES.incrementAndGet()))
                .threads(DurableRun.WORKERS)
                .pollingInterval(poll)
                .enableImmediateExecution();
        if (place.isSqlite()) builder.pollUsingFetch(0.5, 3.0);
        else builder.pollUsingLockAndFetch(0.5, 3.0);
        scheduler = builder.build();
        scheduler.start();
    }

    /** As its documentation has it, without the index of priorities, which nobody uses here. */
    private static void makeTable(Place place) {
        String time = place.isSqlite() ? "integer" : "timestamp with time zone";
        place.run(
                "create table if not exists scheduled_tasks (task_name text not null, task_instance text not null,"
                        + " task_data " + (place.isSqlite() ? "blob" : "bytea") + ", execution_time " + time
                        + " not null, picked boolean not null, picked_by text, last_success " + time
                        + ", last_failure " + time + ", consecutive_failures integer, last_heartbeat " + time
                        + ", version bigint not null, priority smallint, primary key (task_name, task_instance))",
                "create index if not exists execution_time_idx on scheduled_tasks (execution_time)",
                "create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat)");
    }

    @Override
    public void submit(long number) {
        schedule(number, Instant.now());
    }

    @Override
    public void submitForTomorrow(long number, int priority) {
        schedule(number, Instant.now().plus(Duration.ofDays(1)));
    }

    private void schedule(long number, Instant when) {
        scheduler.scheduleIfNotExists(
                ADD_ONE.instance(number + " " + UUID.randomUUID()).scheduledTo(when));
    }

    @Override
    public List<Rows> rows() {
        return List.of(new Rows("scheduled_tasks", "task_instance"));
    }

    @Override
    public String unfinished() {
        return "select count(*) from scheduled_tasks where execution_time <= "
                + (pool.getDataSource() instanceof org.sqlite.SQLiteDataSource
                        ? "cast(unixepoch('subsec') * 1000 as integer)"
                        : "now()");
    }

    @Override
    public String ended() {
        return null;
    }

    @Override
    public void close() {
        scheduler.stop();
        pool.close();
    }
}
