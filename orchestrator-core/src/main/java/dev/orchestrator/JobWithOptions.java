package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * A job that brings options of its own.
 *
 * <p>They stand between those of the dispatch, which win, and those of the registration, which fill in what is unset.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="job-with-options"}
 *
 * @param <R> what the job gives back; {@link Void} if nothing
 */
public interface JobWithOptions<R extends @Nullable Object> extends Job<R> {
    /**
     * What this job asks for; read once per dispatch, on the dispatching thread. What it throws, the dispatch throws.
     *
     * <p>An id is refused here: it belongs to one dispatch.
     */
    JobOptions options();
}
