package dev.orchestrator.examples.catalog;

import java.nio.file.Path;

/** Something to be said about a file or folder, in words for people. */
record Remark(Path path, String text) {}
