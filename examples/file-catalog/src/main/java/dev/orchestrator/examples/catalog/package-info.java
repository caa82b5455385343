/**
 * Catalogues a folder tree and finds duplicate files: what the framework is for, on real input.
 *
 * <p>{@link dev.orchestrator.examples.catalog.CatalogOrchestrator} owns all jobs and decides how many are under way;
 * {@link dev.orchestrator.examples.catalog.DuplicatesOrchestrator} only listens; the executors know neither of them.
 * {@link dev.orchestrator.examples.catalog.Patience} sets time limits, retries and parallel reads where the executors are
 * registered, {@link dev.orchestrator.examples.catalog.Abandonable} lets a job end whose system call does not, and
 * {@link dev.orchestrator.examples.catalog.DurableReads} makes of the jobs that read files durable ones.
 */
@NullMarked
package dev.orchestrator.examples.catalog;

import org.jspecify.annotations.NullMarked;
