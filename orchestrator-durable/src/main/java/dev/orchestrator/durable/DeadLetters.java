package dev.orchestrator.durable;

import dev.orchestrator.JobIds;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What has failed for good, with the errors of all its attempts: to be looked at, tried again, mended or discarded.
 *
 * <p>A dead letter has its one recorded ending. Trying it again makes another job, with an id of its own, that says which
 * dead letter it is a try of, and belongs to the same owner. Each action is recorded with who did it. Any thread may call.
 */
public final class DeadLetters {
    private final Store store;
    private final SignalBus bus;
    private final Runnable due;

    DeadLetters(Store store, SignalBus bus, Runnable due) {
        this.store = store;
        this.bus = bus;
        this.due = due;
    }

    /** A page of them; the filter's states do not count. See {@link DurableJobs#find(JobFilter, long, int)}. */
    public Page list(JobFilter filter, long from, int limit) {
        Objects.requireNonNull(filter, "filter");
        return new DurableJobs(store, due).find(filter.in(JobState.FAILED).notDiscarded(), from, limit);
    }

    /** The errors of all attempts, in order. */
    public List<FailedAttempt> errors(String id) {
        return store.failedAttempts(Objects.requireNonNull(id, "id"));
    }

    /** What people did to it, in order. */
    public List<RecordedAction> actions(String id) {
        return store.actions(Objects.requireNonNull(id, "id"));
    }

    /**
     * Tries it again, with what its payload says now.
     *
     * @param actor who does it, in words for people
     * @return the id of the new job; empty if there is no such dead letter, or it was discarded or tried again before
     */
    public Optional<String> retry(String id, String actor) {
        Objects.requireNonNull(actor, "actor");
        String prefix = Objects.requireNonNull(id, "id").replaceFirst("-[0-9a-hjkmnp-tv-z]{29}$", "");
        String another = JobIds.next(prefix.isBlank() ? id : prefix);
        boolean done = store.retryDeadLetter(id, another, actor);
        if (!done) return Optional.empty();
        due.run();
        return Optional.of(another);
    }

    /**
     * Tries again all that the filter means now, one after the other, so many a second at most.
     *
     * @param perSecond 1 to 1,000
     * @return completes with how many were tried again; cancelling it as a future ends that
     */
    public CompletableFuture<Integer> retryAll(JobFilter filter, String actor, int perSecond) {
        if (perSecond < 1 || perSecond > 1_000)
            throw new IllegalArgumentException("1 to 1,000 a second, was " + perSecond);
        var all = new RetryAll(
                Objects.requireNonNull(filter, "filter"),
                Objects.requireNonNull(actor, "actor"),
                Duration.ofSeconds(1).dividedBy(perSecond));
        all.next();
        return all.done;
    }

    /** Goes through the pages; each step but the first is begun by a timer, when the one before is over. */
    private final class RetryAll {
        private final JobFilter filter;
        private final String actor;
        private final Duration pause;
        private final CompletableFuture<Integer> done = new CompletableFuture<>();
        private final Instant begun = Instant.ofEpochMilli(store.now());
        private final ArrayDeque<DurableJob> page = new ArrayDeque<>();
        private long from;
        private int count;

        RetryAll(JobFilter filter, String actor, Duration pause) {
            this.filter = filter;
            this.actor = actor;
            this.pause = pause;
        }

        void next() {
            if (done.isDone()) return;
            try {
                if (page.isEmpty() && !readPage()) {
                    done.complete(count);
                    return;
                }
                if (retry(page.remove().id(), actor).isPresent()) count++;
                bus.time()
                        .schedule(
                                pause,
                                () -> bus.threads().start(Role.WORKER, "orchestrator-durable-retry", this::next));
            } catch (Throwable trouble) {
                done.completeExceptionally(trouble);
            }
        }

        private boolean readPage() {
            while (page.isEmpty() && from >= 0) {
                Page read = list(filter, from, 100);
                read.jobs().stream().filter(this::wasThere).forEach(page::add);
                from = read.next();
            }
            return !page.isEmpty();
        }

        /** What fails again is a dead letter that comes later: without this, a job that always fails is tried for ever. */
        private boolean wasThere(DurableJob letter) {
            return letter.accepted().isBefore(begun) || (letter.accepted().equals(begun) && letter.retryOf() == null);
        }
    }

    /**
     * Replaces the payload, for the next try of it.
     *
     * @param version the version that the JSON has
     * @return false if there is no such dead letter, or it was discarded or tried again before
     */
    public boolean edit(String id, int version, String payload, String actor) {
        return store.find(Objects.requireNonNull(id, "id"))
                        .filter(job -> job.state() == JobState.FAILED)
                        .isPresent()
                && store.edit(
                        id,
                        version,
                        Objects.requireNonNull(payload, "payload"),
                        Objects.requireNonNull(actor, "actor"));
    }

    /**
     * Says that nothing more is to be done about it: it is not listed any more, and removed in its time.
     *
     * @return false if there is no such dead letter
     */
    public boolean discard(String id, String actor, String why) {
        return store.discard(
                Objects.requireNonNull(id, "id"),
                Objects.requireNonNull(actor, "actor"),
                Objects.requireNonNull(why, "why"));
    }
}
