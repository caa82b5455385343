package dev.orchestrator.durable;

import java.time.Instant;

/**
 * Something that a person did to a job: retry, edit, discard, unpark.
 *
 * @param jobId the job
 * @param at when, on the database's clock
 * @param actor who, in the caller's words
 * @param what what was done: {@code retry}, {@code edit}, {@code discard} or {@code unpark}
 * @param detail what else is to be known, such as the id of the new try
 */
public record RecordedAction(String jobId, Instant at, String actor, String what, String detail) {}
