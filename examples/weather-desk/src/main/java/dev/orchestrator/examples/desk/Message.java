package dev.orchestrator.examples.desk;

/** An effect: what the user is told once. */
record Message(String text) {}
