package dev.orchestrator.examples.catalog;

import dev.orchestrator.Job;

/** Asks for the next page of a folder. One job per page, so that whoever wants them decides how fast they come. */
record ListFolder(OpenFolder folder) implements Job<FolderPage> {}
