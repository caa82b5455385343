package dev.orchestrator.examples.catalog;

import dev.orchestrator.Job;
import java.nio.file.Path;

/** Asks how much there is below a folder: what the time left is reckoned with. */
record SurveyTree(Path folder) implements Job<Amount> {}
