package dev.orchestrator.examples.catalog;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.SignalBus;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/** Owns all jobs of the catalogue: it decides what is listed and read when, and keeps the progress and the totals. */
final class CatalogOrchestrator extends BaseOrchestrator<CatalogState> {
    private final Reads reads;

    // The lane only.
    private final Backlog backlog = new Backlog();
    private boolean isBegun;

    CatalogOrchestrator(Reads reads, Dispatcher dispatcher, SignalBus bus, Executor lane) {
        super(CatalogState.NOTHING_YET, dispatcher, bus, lane);
        this.reads = reads;
        on(ListFolder.class)
                .retrying((job, retry) -> triedAgain(job.folder().path(), retry))
                .ended(this::listed);
        on(FingerprintFile.class)
                .progress(this::partlyRead)
                .retrying((job, retry) -> triedAgain(job.path(), retry))
                .ended(this::fingerprinted);
        on(SurveyTree.class).ended(this::surveyed);
    }

    /** Begins with a folder; once. */
    void catalogue(Path folder) {
        onLane(() -> {
            isBegun = true;
            if (state().phase() == CatalogState.Phase.RUNNING) backlog.add(new OpenFolder(folder));
            goOn();
        });
    }

    /** Finds out how much there is in all, beside the rest. */
    void survey(Path folder) {
        onLane(() -> {
            if (state().phase() == CatalogState.Phase.RUNNING) begin(new SurveyTree(folder));
        });
    }

    /** Ends it early: what has been found so far stays. */
    void stop() {
        onLane(() -> {
            if (state().phase() != CatalogState.Phase.RUNNING) return;
            update(CatalogState::stopping);
            backlog.stop();
            cancelAll("the catalogue was interrupted");
            goOn();
        });
    }

    private void surveyed(SurveyTree job, JobResult<Amount> result) {
        backlog.ended(job);
        if (result instanceof JobResult.Success<Amount>(Amount amount)) update(state -> state.expecting(amount));
        goOn();
    }

    private void listed(ListFolder job, JobResult<FolderPage> result) {
        backlog.ended(job);
        switch (result) {
            case JobResult.Success<FolderPage>(FolderPage page) -> {
                backlog.add(job.folder(), page);
                update(state -> state.with(state.findings().plus(page)));
            }
            case JobResult.Failure<FolderPage>(Throwable error) -> {
                giveUp(job.folder());
                fail(job.folder().path(), error);
            }
            case JobResult.Cancelled<FolderPage> cancelled -> giveUp(job.folder());
            case JobResult.TimedOut<FolderPage> timedOut -> giveUp(job.folder());
        }
        goOn();
    }

    /** Its listing may hang in it still, and then closing it hangs too. */
    private static void giveUp(OpenFolder folder) {
        Thread.startVirtualThread(folder::close);
    }

    private void partlyRead(FingerprintFile job, JobProgress progress) {
        long bytes = backlog.newBytes(
                job, (long) (progress.fraction() * job.version().size()));
        update(state -> state.plusDone(0, bytes));
    }

    private void fingerprinted(FingerprintFile job, JobResult<Fingerprint> result) {
        long bytes = backlog.newBytes(job, job.version().size());
        backlog.ended(job);
        switch (result) {
            case JobResult.Success<Fingerprint>(Fingerprint fingerprint) ->
                update(state -> state.with(state.findings().plus(fingerprint)).plusDone(1, bytes));
            case JobResult.Failure<Fingerprint>(Throwable error) -> {
                fail(job.path(), error);
                update(state -> state.plusDone(1, bytes));
            }
            case JobResult.Cancelled<Fingerprint> cancelled -> {
                // Not by this run: it was done by an earlier one, which was stopped.
                if (state().phase() == CatalogState.Phase.RUNNING) begin(job, reads.again(job));
            }
            case JobResult.TimedOut<Fingerprint> timedOut -> {}
        }
        goOn();
    }

    private void triedAgain(Path path, JobRetryingEvent retry) {
        var failed = new Remark(path, Reasons.of(retry.error()));
        update(state -> state.with(state.findings().plusRetry(failed)));
    }

    private void fail(Path path, Throwable error) {
        var failure = new Remark(path, Reasons.of(error));
        update(state -> state.with(state.findings().plusFailure(failure)));
    }

    /** Dispatches what may be dispatched; when there is nothing left at all, it is over. */
    private void goOn() {
        for (Job<?> next; (next = backlog.next()) != null; ) begin(next);
        if (!isBegun || !backlog.isEmpty() || state().isOver()) return;
        update(CatalogState::over);
        signal(new CatalogEnded(state().findings().files().files()));
    }

    private void begin(Job<?> job) {
        begin(job, job instanceof FingerprintFile file ? reads.of(file) : JobOptions.none());
    }

    private void begin(Job<?> job, JobOptions options) {
        backlog.begun(job);
        dispatch(job, options);
    }
}
