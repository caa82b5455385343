package dev.orchestrator;

import dev.orchestrator.TestWork.Work;

/** An executor whose attempts fail with these errors, one after the other; further ones give their number. */
record FailingWork(Throwable... errors) implements JobExecutor<Work, String> {
    @Override
    public String execute(Work job, JobContext context) {
        if (context.attempt() > errors.length) return "attempt " + context.attempt();
        throw Thrown.asIs(errors[context.attempt() - 1]);
    }
}
