package dev.orchestrator.examples.catalog;

import dev.orchestrator.Event;

/**
 * The catalogue is over, whole or interrupted.
 *
 * @param fingerprints how many fingerprints were taken; who counts them knows when it has seen all
 */
record CatalogEnded(long fingerprints) implements Event {}
