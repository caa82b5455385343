package dev.orchestrator.examples.catalog;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobOptions;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.DurableJob;
import dev.orchestrator.durable.DurableStore;
import dev.orchestrator.durable.Handling;
import dev.orchestrator.durable.JobFilter;
import dev.orchestrator.durable.JobState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Has files read by jobs that survive: what was read in an earlier run, killed or not, is told at once.
 *
 * <p>The id of a job is made of the file and what it was like, so asking again for the same file is asking for the same job.
 * One that did not succeed is not what anybody wants to hear again; the next run asks under the next of its ids.
 */
final class DurableReads implements Reads, AutoCloseable {
    private static final String TYPE = "fingerprint";
    private static final int PAGE = 1_000;
    private static final char NEXT = '/';

    /** A run that was killed holds what it had under way for so long, where the system cannot tell that it is gone. */
    private static final Duration LEASE = Duration.ofSeconds(5);

    private static final Duration KEEP = Duration.ofDays(365);

    private final Durable durable;
    private final Patience patience;

    // The number of the id to ask for next, where that is not the first one. Filled by who opens this, then the lane
    // only.
    private final Map<String, Integer> next = new HashMap<>();

    private DurableReads(Durable durable, Patience patience) {
        this.durable = durable;
        this.patience = patience;
    }

    /**
     * Opens the file, and begins with what an earlier run has left.
     *
     * @throws dev.orchestrator.durable.DurableStoreException if it cannot be used
     */
    static DurableReads open(
            Path file,
            Dispatcher dispatcher,
            Patience patience,
            JobExecutor<FingerprintFile, Fingerprint> reader,
            ReaderThreads threads) {
        // So many workers, and no limit beside: a job that finds a limit reached is written down as waiting.
        var durable = Durable.builder(dispatcher)
                .store(DurableStore.sqlite(file))
                .workers(patience.reads())
                .lease(LEASE)
                .keepEnded(KEEP)
                .closeGrace(Duration.ZERO)
                .mostCrashes(Integer.MAX_VALUE)
                .build();
        var reads = new DurableReads(durable, patience);
        try {
            reads.findFailed();
            durable.registerAsync(
                    FingerprintFile.class,
                    TYPE,
                    1,
                    new Abandonable<>((job, context) -> inWords(reader, job, context), threads),
                    Handling.standard().options(patience.ofType()));
            durable.start();
            return reads;
        } catch (Throwable refused) {
            durable.close();
            throw refused;
        }
    }

    private static Fingerprint inWords(
            JobExecutor<FingerprintFile, Fingerprint> reader, FingerprintFile job, JobContext context)
            throws Exception {
        try {
            return reader.execute(job, context);
        } catch (InterruptedException stopped) {
            throw stopped;
        } catch (Exception error) {
            throw new ReadFailure(error);
        }
    }

    private void findFailed() {
        var unsuccessful = JobFilter.all().ofType(TYPE).in(JobState.FAILED, JobState.CANCELLED, JobState.TIMED_OUT);
        var page = durable.jobs().find(unsuccessful, PAGE);
        while (true) {
            for (DurableJob job : page.jobs()) skip(job.id());
            if (!page.hasNext()) return;
            page = durable.jobs().find(unsuccessful, page.next(), PAGE);
        }
    }

    private void skip(String id) {
        int end = id.indexOf(NEXT);
        var first = end < 0 ? id : id.substring(0, end);
        int number = end < 0 ? 0 : Integer.parseInt(id, end + 1, id.length(), 10);
        next.merge(first, number + 1, Math::max);
    }

    @Override
    public JobOptions of(FingerprintFile job) {
        var first = StoredFile.of(job).id();
        var number = next.get(first);
        var options = JobOptions.builder().id(number == null ? first : first + NEXT + number);
        var longer = patience.longer(job);
        if (longer != null) options.attemptTimeout(longer);
        return options.build();
    }

    /** An earlier run was stopped, and killed before that was written down. */
    @Override
    public JobOptions again(FingerprintFile job) {
        next.merge(StoredFile.of(job).id(), 1, Integer::sum);
        return of(job);
    }

    @Override
    public void close() {
        durable.close();
    }
}
