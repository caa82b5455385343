package dev.orchestrator;

import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One attempt of a job and what stands around it, outermost first, settled when the attempt begins.
 *
 * @param isOpen whether the attempt is under way: no longer when the job was stopped or the attempt is over
 */
record Surrounded(List<Interceptor> around, Job<?> job, JobContext context, BooleanSupplier isOpen, Scope scope) {
    int depth() {
        return around.size();
    }

    void refuseIfOver() {
        if (!isOpen.getAsBoolean())
            throw refusal(
                    context.isCancelled()
                            ? "it has ended or was stopped"
                            : "its attempt " + context.attempt() + " is over");
    }

    JobCancelledException refusal(String why) {
        return new JobCancelledException("an interceptor cannot proceed with job " + context.jobId() + ": " + why);
    }
}
