package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.task.Execution;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Dispatched;
import dev.orchestrator.durable.Store.NewJob;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Stores jobs, and claims their works with the same step where a worker is free and nothing else is known to wait for one:
 * that saves a commit and a look into the queue before each job that need not wait.
 *
 * <p>The worker is taken before the job is stored, so none is stored that nobody here has time for; and what is stored is
 * begun with at once by the thread that stored it.
 */
final class FirstClaims {
    /** How many claims a work may have until its fence is that of the next one here. */
    private static final long APART = 1_024;

    private final Tools tools;
    private final Store store;
    private final Claims claims;
    private final Consumer<? super Execution> begin;

    /**
     * No row has such a fence by another way: rows begin with one or with the time, and each claim adds one. So a claim that is
     * given back late, when the same id has been stored again, takes nobody else's.
     */
    private final AtomicLong fences = new AtomicLong();

    /** What is done with a work that is stored and claimed. */
    FirstClaims(Tools tools, Claims claims, Consumer<? super Execution> begin) {
        this.tools = tools;
        this.store = tools.store();
        this.claims = claims;
        this.begin = begin;
    }

    /** As {@link Store#dispatch(NewJob)}; what is {@link Dispatched.Claimed} then has begun. */
    Dispatched dispatch(NewJob job) {
        boolean waits = job.key() != null || job.dueAt() != null || job.delay().isPositive();
        String task = Dispatching.task(job);
        if (waits || !claims.claimOne(task)) return store.dispatch(job);
        long now = store.now();
        var claim = new Claim(job.id(), task, nextFence(now), tools.node());
        int missedWishes = tools.glances().missed();
        Dispatched done;
        try {
            done = store.dispatch(job, claim);
        } catch (Throwable uncertain) {
            giveBackIfStored(claim);
            throw uncertain;
        }
        if (done instanceof Dispatched.Claimed(Store.Work work))
            return begin(claim, work, now, missedWishes) ? done : new Dispatched.Added(true);
        tools.works().codeLeft();
        tools.works().over();
        return done;
    }

    private long nextFence(long now) {
        return fences.updateAndGet(last -> Math.max(last + APART, now * APART));
    }

    /** False if others have to. */
    private boolean begin(Claim claim, Store.Work work, long since, int missedWishes) {
        try {
            long now = store.now();
            // What took so long to be stored may be somebody else's by now, which its worker finds out.
            boolean isOld = now - since > tools.settings().lease().toMillis() / 2;
            if (!isOld) tools.glances().put(claim, work, missedWishes);
            begin.accept(execution(claim, now));
            return true;
        } catch (Throwable noThread) {
            EngineLog.warning(
                    "durable job " + claim.work() + " could not be begun with, and waits for a worker", noThread);
            tools.glances().take(claim);
            giveBackIfStored(claim);
            return false;
        }
    }

    /** As db-scheduler reads it from its table. */
    private static Execution execution(Claim claim, long now) {
        Instant at = Instant.ofEpochMilli(now);
        var instance = new TaskInstance<Void>(claim.task(), claim.work());
        return new Execution(at, instance, true, claim.node(), null, null, 0, at, claim.fence());
    }

    /**
     * The connection may have broken after the commit. Nobody works on it then, and others need not wait for its lease. Counted
     * as a claim until then, so that a closing waits for it.
     */
    private void giveBackIfStored(Claim claim) {
        tools.works().codeLeft();
        try {
            tools.bus().threads().start(Role.WORKER, "durable-first-claim", () -> {
                try {
                    giveBack(claim);
                } finally {
                    tools.works().over();
                }
            });
        } catch (Throwable noThread) {
            tools.works().over(); // its lease ends
        }
    }

    private void giveBack(Claim claim) {
        try {
            tools.patience()
                    .until(
                            () -> {
                                store.giveBack(claim, Duration.ZERO, null);
                                return true;
                            },
                            () -> !tools.works().isClosed());
            tools.wake().run();
        } catch (LostClaimException none) {
            // It was not stored.
        } catch (DurableStoreException gone) {
            // Others find it when the lease is over.
        }
    }
}
