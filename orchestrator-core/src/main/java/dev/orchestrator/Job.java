package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * A request for work, and the type of what comes of it.
 *
 * <p>A job is immutable and says only what is wanted; a one-line record is one. It has no id of its own: each dispatch
 * of it is a job with an id of its own, so the same record may be dispatched twice. A job that must bring its id
 * extends {@link BaseJob}.
 *
 * {@snippet class="dev.orchestrator.Snippets" region="job"}
 *
 * @param <R> what the job gives back; {@link Void} if nothing. Null is a possible result
 */
public interface Job<R extends @Nullable Object> {}
