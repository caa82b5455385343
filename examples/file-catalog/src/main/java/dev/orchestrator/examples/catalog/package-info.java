/**
 * Catalogues a folder tree and finds duplicate files: what the framework is for, on real input.
 *
 * <p>{@link dev.orchestrator.examples.catalog.CatalogOrchestrator} owns all jobs and decides how many are under way;
 * {@link dev.orchestrator.examples.catalog.DuplicatesOrchestrator} only listens; the executors know neither of them.
 */
@NullMarked
package dev.orchestrator.examples.catalog;

import org.jspecify.annotations.NullMarked;
