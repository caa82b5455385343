package dev.orchestrator.durable;

import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Ending;
import dev.orchestrator.durable.Store.Work;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides what the result of an attempt means for its work, records it, and tells of it: an ending, another attempt, or a
 * return to the queue that does not count.
 *
 * <p>A result is kept in memory until it is on disk, however long the database is gone.
 */
final class Outcome {
    private static final Duration RETURN_DELAY = Duration.ofSeconds(1);

    /** What a job without a condition waits for after an error that said so. */
    private static final String OFFLINE = "offline";

    private final Tools tools;
    private final Store store;
    private final Patience patience;

    /**
     * Works whose attempt was cancelled by nobody known here, as the closing of their dispatcher does. They get a second
     * chance elsewhere or later; one that is here already has had it.
     */
    private final Set<String> returned = ConcurrentHashMap.newKeySet();

    Outcome(Tools tools) {
        this.tools = tools;
        this.store = tools.store();
        this.patience = tools.patience();
    }

    /** Whether somebody on another node wants to hear of it. */
    boolean isReadElsewhere(Work work) {
        String reader = work.reader();
        // Without one there is either nobody, or several; in the latter case somebody owns it.
        return reader == null ? work.owner() != null : !reader.equals(tools.node());
    }

    <J extends Job<R>, R extends @Nullable Object> void record(
            Kind<J, R> kind, JobOptions settled, Attempted step, JobResult<R> result) {
        switch (result) {
            case JobResult.Success<R> success -> succeeded(kind, settled.retry(), step, success);
            case JobResult.Failure<R> failure -> failed(kind, settled.retry(), step, failure);
            case JobResult.TimedOut<R>(Duration limit) -> {
                Duration whole = step.work().timeout();
                end(step, new Ending.TimedOut(whole == null ? limit : whole), null, null);
            }
            case JobResult.Cancelled<R>(String reason) -> cancelled(step, reason);
        }
    }

    // ---- a value ----

    private <J extends Job<R>, R extends @Nullable Object> void succeeded(
            Kind<J, R> kind, RetryPolicy policy, Attempted step, JobResult.Success<R> success) {
        noteThere(kind);
        Optional<Duration> delay = delay(policy, step, success);
        if (delay.isPresent()) {
            var refused = new IllegalStateException("the retry policy refused the result of attempt " + step.attempts()
                    + " of job " + step.claim().work());
            retry(policy, step, refused, delay.get());
            return;
        }
        String json;
        try {
            json = kind.encodeResult(success.value());
        } catch (Exception | StackOverflowError unstorable) {
            endFailed(step, unstorable); // another attempt would give what cannot be stored either
            return;
        }
        end(step, new Ending.Success(json), success.value(), null);
    }

    // ---- an error ----

    private void failed(Kind<?, ?> kind, RetryPolicy policy, Attempted step, JobResult.Failure<?> failure) {
        Throwable error = failure.error();
        if (saysOffline(kind, error)) {
            Condition condition = kind.condition();
            String waitsFor = condition == null ? OFFLINE : condition.name();
            Duration wait = tools.conditions().waitAfterOffline(kind);
            patience.until(() -> store.giveBack(step.claim(), wait, waitsFor));
            return;
        }
        noteThere(kind);
        Optional<Duration> delay = delay(policy, step, failure);
        if (delay.isPresent()) retry(policy, step, error, delay.get());
        else endFailed(step, error);
    }

    private static boolean saysOffline(Kind<?, ?> kind, Throwable error) {
        try {
            return kind.isOffline(error);
        } catch (Throwable broken) {
            EngineLog.warning("whether an error of type " + kind.name() + " says offline cannot be told", broken);
            return false;
        }
    }

    private void noteThere(Kind<?, ?> kind) {
        tools.conditions().isThere(kind);
    }

    private Optional<Duration> delay(RetryPolicy policy, Attempted step, JobResult<?> result) {
        Long first = step.firstBegan();
        Duration elapsed = first == null ? Duration.ZERO : Duration.ofMillis(store.now() - first);
        return policy.delayAfter(
                step.work().failures() + 1, result, elapsed, tools.bus().time());
    }

    private void retry(RetryPolicy policy, Attempted step, Throwable error, Duration delay) {
        FailedAttempt failed = failedAttempt(step, error);
        patience.until(() -> store.retry(step.claim(), failed, delay));
        tools.listener().retrying(step.claim().work(), step.attempts(), policy.attempts(), error, delay);
        if (!delay.isPositive()) tools.wake().run();
    }

    private FailedAttempt failedAttempt(Attempted step, Throwable error) {
        long now = store.now();
        Long began = step.began();
        return Errors.failed(step.attempts(), tools.node(), began == null ? now : began, now, error);
    }

    private void endFailed(Attempted step, Throwable error) {
        record(step, Errors.ending(error, tools.payloads()), failedAttempt(step, error), null, error);
    }

    // ---- neither ----

    private void cancelled(Attempted step, String reason) {
        String work = step.claim().work();
        String wish = step.attempt().wish();
        if (wish != null) {
            end(step, new Ending.Cancelled(wish), null, null);
        } else if (step.attempt().isHandedBack() || step.attempt().isLost()) {
            // A lost claim: if nobody has the work yet, it comes back without a crash; otherwise this throws.
            patience.until(() -> store.giveBack(step.claim(), Duration.ZERO, null));
        } else if (returned.add(work)) {
            patience.until(() -> store.giveBack(step.claim(), RETURN_DELAY, null));
        } else {
            end(step, new Ending.Cancelled(reason), null, null);
        }
    }

    void endTimedOut(Attempted step) {
        Duration whole = Objects.requireNonNullElse(step.work().timeout(), Duration.ZERO);
        end(step, new Ending.TimedOut(whole), null, null);
    }

    // ---- the ending ----

    /** Records an ending other than a failure, and tells of it. */
    void end(Attempted step, Ending ending, @Nullable Object value, @Nullable Throwable error) {
        record(step, ending, null, value, error);
    }

    private void record(
            Attempted step,
            Ending ending,
            @Nullable FailedAttempt last,
            @Nullable Object value,
            @Nullable Throwable error) {
        returned.remove(step.claim().work());
        Long began = step.work().firstBegan() == null ? step.began() : null;
        var recording = new Recording(step.claim(), ending, step.attempts(), began, last);
        List<String> jobs = patience.until(recording::tryOnce);
        tools.listener().ended(jobs, ending, step.attempts(), value, error);
        if (step.letsOthersIn()) tools.wake().run();
        if (step.letsOthersIn() || isReadElsewhere(step.work())) store.wakeOthers();
    }

    /** The ending of one work, tried until it is on disk. Used by one thread. */
    private final class Recording {
        private final Claim claim;
        private final Ending ending;
        private final int attempts;
        private final @Nullable Long began;
        private final @Nullable FailedAttempt last;
        private boolean isUncertain;

        Recording(Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last) {
            this.claim = claim;
            this.ending = ending;
            this.attempts = attempts;
            this.began = began;
            this.last = last;
        }

        List<String> tryOnce() {
            try {
                return store.end(claim, ending, attempts, began, last);
            } catch (DurableStoreException gone) {
                isUncertain = true; // it may be on disk all the same: the connection broke after the commit
                throw gone;
            } catch (LostClaimException lost) {
                if (isUncertain && isRecorded()) return List.of(claim.work());
                throw lost;
            }
        }

        private boolean isRecorded() {
            return store.find(claim.work())
                    .filter(job -> claim.node().equals(job.node()) && job.attempts() == attempts)
                    .filter(job -> job.state() == stateOf(ending))
                    .isPresent();
        }
    }

    private static JobState stateOf(Ending ending) {
        return switch (ending) {
            case Ending.Success success -> JobState.SUCCEEDED;
            case Ending.Failure failure -> JobState.FAILED;
            case Ending.Cancelled cancelled -> JobState.CANCELLED;
            case Ending.TimedOut timedOut -> JobState.TIMED_OUT;
        };
    }
}
