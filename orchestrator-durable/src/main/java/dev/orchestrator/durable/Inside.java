package dev.orchestrator.durable;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.JobExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether a thread runs the code of a durable job: one that closes the module must not wait for itself. Kinds have to
 * wrap their executors with it.
 */
final class Inside {
    private static final ThreadLocal<Boolean> HERE = new ThreadLocal<>();

    private Inside() {}

    /** Whether this thread runs the code of a durable job. */
    static boolean isHere() {
        return HERE.get() != null;
    }

    static <J, R extends @Nullable Object> JobExecutor<J, R> executor(JobExecutor<J, R> executor) {
        return (job, context) -> {
            HERE.set(true);
            try {
                return executor.execute(job, context);
            } finally {
                HERE.remove();
            }
        };
    }

    static <J, R extends @Nullable Object> AsyncJobExecutor<J, R> asyncExecutor(AsyncJobExecutor<J, R> executor) {
        return (job, context) -> {
            HERE.set(true);
            try {
                return executor.execute(job, context);
            } finally {
                HERE.remove();
            }
        };
    }
}
