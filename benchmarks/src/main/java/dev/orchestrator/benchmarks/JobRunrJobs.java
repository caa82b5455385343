package dev.orchestrator.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jobrunr.jobs.lambdas.JobRequest;
import org.jobrunr.jobs.lambdas.JobRequestHandler;
import org.jobrunr.jobs.mappers.JobMapper;
import org.jobrunr.scheduling.JobRequestScheduler;
import org.jobrunr.server.BackgroundJobServer;
import org.jobrunr.server.BackgroundJobServerConfiguration;
import org.jobrunr.server.JobActivator;
import org.jobrunr.storage.StorageProvider;
import org.jobrunr.storage.sql.common.SqlStorageProviderFactory;
import org.jobrunr.utils.mapper.gson.GsonJsonMapper;

/** Jobs of JobRunr's open-source edition, which keeps them when they have succeeded; there is no result and no owner. */
final class JobRunrJobs implements DurableRoundTrip {
    /** It refuses to look more often. */
    static final Duration POLL = Duration.ofSeconds(5);

    private static final int SQLITE_CONNECTIONS = 4;

    /** A job, as JobRunr wants it: of a class that its mapper can make. */
    public record AddOne(long number) implements JobRequest {
        @Override
        public Class<AddOneHandler> getJobRequestHandler() {
            return AddOneHandler.class;
        }
    }

    /** Who does them. */
    public static final class AddOneHandler implements JobRequestHandler<AddOne> {
        private final Finish finish;
        private final AtomicLong latestFirst;

        AddOneHandler(Finish finish, AtomicLong latestFirst) {
            this.finish = finish;
            this.latestFirst = latestFirst;
        }

        @Override
        public void run(AddOne job) {
            latestFirst.compareAndSet(0, System.nanoTime());
            finish.handled(RoundTrip.work(job.number()), job.number() + 1);
        }
    }

    private final HikariDataSource pool;
    private final StorageProvider storage;
    private final JobRequestScheduler scheduler;
    private final BackgroundJobServer server;
    private final AtomicLong firstHandled = new AtomicLong(); // since the last job of the batch before

    JobRunrJobs(Place place, Finish finish) {
        pool = place.pool(place.isSqlite() ? SQLITE_CONNECTIONS : DurableRun.WORKERS);
        storage = SqlStorageProviderFactory.using(pool);
        var json = new GsonJsonMapper();
        storage.setJobMapper(new JobMapper(json));
        var handler = new AddOneHandler(finish, firstHandled);
        var activator = new JobActivator() {
            @Override
            public <T> T activateJob(Class<T> type) {
                return type.cast(handler);
            }
        };
        server = new BackgroundJobServer(
                storage,
                json,
                activator,
                BackgroundJobServerConfiguration.usingStandardBackgroundJobServerConfiguration()
                        .andPollInterval(POLL)
                        .andWorkerCount(DurableRun.WORKERS));
        server.start();
        scheduler = new JobRequestScheduler(storage);
    }

    @Override
    public void submit(long number) {
        scheduler.enqueue(new AddOne(number));
    }

    @Override
    public void submitForTomorrow(long number, int priority) {
        scheduler.schedule(Instant.now().plus(Duration.ofDays(1)), new AddOne(number));
    }

    @Override
    public List<Rows> rows() {
        return List.of(new Rows("jobrunr_jobs", "id"));
    }

    @Override
    public String unfinished() {
        return "select count(*) from jobrunr_jobs where state in ('ENQUEUED', 'PROCESSING')";
    }

    @Override
    public String ended() {
        return "select count(*) from jobrunr_jobs where state = 'SUCCEEDED'";
    }

    @Override
    public long idleNanos(long allSubmitted) {
        return Math.max(0, firstHandled.getAndSet(0) - allSubmitted);
    }

    @Override
    public void close() {
        server.stop();
        storage.close();
        pool.close();
    }
}
