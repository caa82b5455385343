package dev.orchestrator.durable;

import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.Work;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Does what has to be done for one claim of a work: looks at it, makes an attempt, and hands the result to {@link Outcome}.
 *
 * <p>It returns when the step that ends the claim is on disk, or the claim is lost; until then the claim counts as one of
 * this process. The thread is the claim's own.
 */
final class Worker {
    /** When a work comes again that could not be tried here, for a reason that others may not have. */
    private static final Duration RETURN_DELAY = Duration.ofSeconds(1);

    private final Tools tools;
    private final Store store;
    private final Patience patience;
    private final Outcome outcome;

    Worker(Tools tools) {
        this.tools = tools;
        this.store = tools.store();
        this.patience = tools.patience();
        this.outcome = new Outcome(tools);
    }

    /** Throws nothing. */
    void work(Claim claim) {
        var attempt = new Attempt(claim, store.now());
        try {
            Attempt older = tools.works().add(attempt);
            if (older == null) workOn(attempt);
            else comesTooEarly(attempt, older);
        } catch (LostClaimException lost) {
            attempt.lose();
            EngineLog.info(String.valueOf(lost.getMessage()));
        } catch (DurableStoreException gone) {
            EngineLog.warning(
                    "durable job " + claim.work() + " was left as it is, since the database is gone while this process"
                            + " closes; another one goes on with it when its lease is over",
                    gone);
        } catch (Throwable broken) {
            EngineLog.error(
                    "the framework itself failed in durable job " + claim.work()
                            + ", which is tried again when its lease is over",
                    broken);
        } finally {
            tools.works().remove(attempt);
            leave(attempt);
        }
    }

    /** Its worker is free for another claim. */
    private void leave(Attempt attempt) {
        if (attempt.leaveWorker()) tools.works().codeLeft();
    }

    /** The code of a lost claim is still inside, and two at a time are one too many. */
    private void comesTooEarly(Attempt attempt, Attempt older) {
        older.lose();
        tools.glances().take(attempt.claim());
        patience.until(() -> store.giveBack(attempt.claim(), RETURN_DELAY, null));
    }

    private void workOn(Attempt attempt) {
        Claim claim = attempt.claim();
        Work seen = tools.glances().take(claim);
        Work work =
                seen != null ? seen : patience.until(() -> store.claimed(claim)).orElse(null);
        if (work == null) return;
        if (tools.works().isClosed()) {
            patience.until(() -> store.giveBack(claim, Duration.ZERO, null));
            return;
        }
        String wish = attempt.wish() != null ? attempt.wish() : work.stopWish();
        if (wish != null) {
            outcome.end(
                    new Attempted(attempt, work, attemptsBefore(work), null, true),
                    new Ending.Cancelled(wish),
                    null,
                    null);
            return;
        }
        Long deadline = work.deadline();
        if (deadline != null && store.now() >= deadline) {
            outcome.endTimedOut(new Attempted(attempt, work, attemptsBefore(work), null, true));
            return;
        }
        Kind<?, ?> kind = tools.kinds().of(claim.task());
        if (kind == null) patience.until(() -> store.giveBack(claim, RETURN_DELAY, null));
        else prepare(kind, attempt, work);
    }

    private static int attemptsBefore(Work work) {
        return work.failures() + work.crashes();
    }

    private <J extends Job<R>, R extends @Nullable Object> void prepare(Kind<J, R> kind, Attempt attempt, Work work) {
        J job;
        JobOptions settled;
        Map<String, Integer> limits;
        try {
            job = kind.decode(work.version(), work.payload());
            settled = kind.settle(job, tools.payloads().decodeOptions(work.options()));
            limits = limits(work.type(), settled);
        } catch (Exception | Error unreadable) { // code of the user's is called, which may throw anything
            String reason = unreadable instanceof UnreadableException
                    ? String.valueOf(unreadable.getMessage())
                    : "it cannot be read: " + Errors.described(unreadable);
            patience.until(() -> store.park(attempt.claim(), reason));
            tools.listener().changed();
            return;
        }
        if (!isReady(kind, attempt, limits)) return;
        make(kind, job, settled, attempt, work, !limits.isEmpty() || work.key() != null);
    }

    /** Whether an attempt may be made now; otherwise the claim is over. */
    private boolean isReady(Kind<?, ?> kind, Attempt attempt, Map<String, Integer> limits) {
        Claim claim = attempt.claim();
        Condition condition = kind.condition();
        if (condition != null && !tools.conditions().holds(condition)) {
            Duration wait = tools.conditions().wait(condition);
            patience.until(() -> store.giveBack(claim, wait, condition.name()));
            tools.conditions().isWaiting(condition);
            return false;
        }
        return limits.isEmpty() || patience.until(() -> store.takeSlots(claim, limits));
    }

    private static Map<String, Integer> limits(String type, JobOptions settled) {
        var limits = new LinkedHashMap<String, Integer>();
        if (settled.limit() != null) limits.put(type, settled.limit().running());
        JobOptions.KeyLimit perKey = settled.keyLimit();
        if (perKey != null)
            limits.put(
                    type + "/" + DurableDriver.textOf(perKey.key()),
                    perKey.limit().running());
        return limits;
    }

    private <J extends Job<R>, R extends @Nullable Object> void make(
            Kind<J, R> kind, J job, JobOptions settled, Attempt attempt, Work work, boolean letsOthersIn) {
        Claim claim = attempt.claim();
        int number = attemptsBefore(work) + 1;
        boolean isReadElsewhere = outcome.isReadElsewhere(work);
        if (isReadElsewhere) {
            patience.until(() -> store.began(claim, number));
            store.wakeOthers();
        }
        var step = new Attempted(attempt, work, number, store.now(), letsOthersIn);
        var reports = new Reports(tools, attempt, number, isReadElsewhere);
        tools.listener().began(claim.work(), number);
        JobResult<R> result;
        try {
            JobHandle<R> handle = kind.attempt(job, claim.work(), tools.bus(), options(settled, work), reports);
            result = attempt.await(handle);
        } catch (IllegalStateException refused) {
            // Its dispatcher is closed, or the code of an earlier claim is inside: nothing was tried.
            tools.kinds().rest(kind, RETURN_DELAY.toMillis());
            patience.until(() -> store.giveBack(claim, RETURN_DELAY, null));
            return;
        } catch (Exception thrown) {
            result = new JobResult.Failure<>(thrown);
        }
        leave(attempt);
        reports.close();
        outcome.record(kind, settled, step, result);
    }

    private JobOptions options(JobOptions settled, Work work) {
        JobOptions.Builder options = JobOptions.builder().grace(settled.grace());
        if (settled.attemptTimeout() != null) options.attemptTimeout(settled.attemptTimeout());
        if (settled.progressInterval() != null) options.progressInterval(settled.progressInterval());
        if (settled.worker() != null) options.worker(settled.worker());
        Long deadline = work.deadline();
        if (deadline != null) options.timeout(Duration.ofMillis(Math.max(1, deadline - store.now())));
        return options.build();
    }
}
