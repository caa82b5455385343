package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.TaskRepository;
import com.github.kagkarlsson.scheduler.task.Execution;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The leases of the works that this process has: renews them, and stops the code of those that it may have lost.
 *
 * <p>Whether a lease is lost is said by the database alone: renewing is fenced by the claim. Only where the database cannot
 * be asked for longer than the lease is code stopped on suspicion, so that it does not run beside that of the next worker.
 */
final class Leases {
    private final Store store;
    private final Works works;
    private final SignalBus bus;
    private final Duration lease;
    private final Set<Claim> asking = ConcurrentHashMap.newKeySet();
    private volatile @Nullable TaskRepository queue; // set once, before the first claim

    Leases(Store store, Works works, SignalBus bus, Duration lease) {
        this.store = store;
        this.works = works;
        this.bus = bus;
        this.lease = lease;
    }

    void renewBy(TaskRepository repository) {
        queue = repository;
    }

    static Claim claimOf(Execution execution) {
        return new Claim(
                execution.taskInstance.getId(),
                execution.taskInstance.getTaskName(),
                execution.version,
                execution.pickedBy);
    }

    /** Renews one; false if that did not work, for whichever reason. */
    boolean renew(Execution execution, Instant now) {
        TaskRepository repository = queue;
        if (repository == null) return false;
        Attempt attempt = works.of(claimOf(execution));
        try {
            boolean isOurs = repository.updateHeartbeat(execution, now);
            if (attempt == null) return isOurs;
            if (isOurs) attempt.renewed(now.toEpochMilli());
            else if (!attempt.isOver()) attempt.lose(); // one that is over may just have been recorded
            return isOurs;
        } catch (RuntimeException gone) {
            return false; // the watch sees to it if that goes on
        }
    }

    /**
     * A claim of this very process that looks dead: it was paused, or could not reach the database. If the work is still
     * under way here, the lease is renewed if nobody was faster, and the work goes on; false if it is not under way.
     */
    boolean isOurs(Execution dead) {
        if (works.of(claimOf(dead)) == null) return false;
        renew(dead, Instant.ofEpochMilli(store.now()));
        return true;
    }

    /** Looks for leases that were not renewed in time. Does not wait for the database. */
    void watch() {
        long now = store.now();
        for (Attempt attempt : works.all()) {
            long age = now - attempt.renewed();
            if (attempt.isOver() || attempt.isLost() || age <= lease.toMillis()) continue;
            if (age > lease.toMillis() * 3 / 2) attempt.lose();
            else ask(attempt);
        }
    }

    /** After a pause of the process the lease may be ours still; somebody who waits for the database asks. */
    private void ask(Attempt attempt) {
        Claim claim = attempt.claim();
        TaskRepository repository = queue;
        if (repository == null || !asking.add(claim)) return;
        bus.threads().start(Role.WORKER, "the lease of a durable job", () -> {
            try {
                repository
                        .getExecution(claim.task(), claim.work())
                        .filter(row -> claim.equals(claimOf(row)))
                        .ifPresentOrElse(row -> renew(row, Instant.ofEpochMilli(store.now())), attempt::lose);
            } catch (RuntimeException gone) {
                // The next look decides.
            } finally {
                asking.remove(claim);
            }
        });
    }
}
