/** The core beside its peers: the same work in the same run, through the public API with its usual settings. */
package dev.orchestrator.benchmarks;
