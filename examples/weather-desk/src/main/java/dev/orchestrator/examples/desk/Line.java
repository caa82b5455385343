package dev.orchestrator.examples.desk;

import java.util.concurrent.CompletionStage;

/** The way to the weather service. */
@FunctionalInterface
interface Line {
    record Request(String method, String path, String body) {}

    record Reply(int status, String body) {}

    CompletionStage<Reply> ask(Request request);
}
