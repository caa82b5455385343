package dev.orchestrator.benchmarks;

import dev.orchestrator.Event;

/** The event that is emitted. */
record Happened(long number) implements Event {}
