package dev.orchestrator.examples.mailroom;

/** What comes of a letter that was delivered: who did it. */
record Receipt(String worker) {}
