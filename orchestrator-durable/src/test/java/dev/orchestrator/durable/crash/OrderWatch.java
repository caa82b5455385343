package dev.orchestrator.durable.crash;

import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.SignalBus;
import dev.orchestrator.TerminalEvent;
import dev.orchestrator.durable.crash.Deeds.Done;
import dev.orchestrator.durable.crash.Deeds.Step;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * An observer on the bus of a process: for each job the steps of a run come one after the other, those of a run that was lost
 * never after those of the run that took over, and the ending last, once.
 */
final class OrderWatch {
    private final Consumer<String> violation;
    private final ConcurrentHashMap<String, Seen> seen = new ConcurrentHashMap<>();
    private final Set<String> uncertain = ConcurrentHashMap.newKeySet();

    /** What was seen of a job; told by one thread at a time. */
    private static final class Seen {
        private String run = "";
        private int step;
        private final Set<String> earlierRuns = ConcurrentHashMap.newKeySet();
        private boolean ended;
    }

    OrderWatch(SignalBus bus, Consumer<String> violation) {
        this.violation = violation;
        bus.subscribe(Step.class, this::step);
        bus.subscribe(TerminalEvent.class, this::ended);
    }

    /** That one may be an earlier life's, ended and handled: its steps are gone then, and its ending may be told again. */
    void isUncertain(String id) {
        uncertain.add(id);
    }

    private void step(Step step) {
        if (uncertain.contains(step.job())) return;
        Seen job = seen.computeIfAbsent(step.job(), id -> new Seen());
        if (job.ended) violation.accept(step + " after the ending");
        if (!step.run().equals(job.run)) {
            if (!job.earlierRuns.add(step.run())) violation.accept(step + " after a step of " + job.run);
            job.run = step.run();
            job.step = 0;
        }
        if (step.step() != ++job.step) violation.accept(step + " as number " + job.step);
    }

    private void ended(TerminalEvent ending) {
        String id = ending.correlationId();
        if (uncertain.contains(id)) return;
        Seen job = seen.computeIfAbsent(id, any -> new Seen());
        if (job.ended) violation.accept(id + " ended twice in one process");
        job.ended = true;
        if (!(ending instanceof JobSuccessEvent<?> success)) return;
        var done = (Done) success.data();
        if (!done.run().equals(job.run) || job.step != Deeds.STEPS)
            violation.accept(id + " ended by run " + done.run() + " after step " + job.step + " of run " + job.run);
    }
}
