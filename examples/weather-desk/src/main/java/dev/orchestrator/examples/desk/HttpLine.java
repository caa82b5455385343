package dev.orchestrator.examples.desk;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletionStage;

/** A line over HTTP, which holds no thread while it waits. */
final class HttpLine implements Line, AutoCloseable {
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI server;

    HttpLine(URI server) {
        this.server = server;
    }

    @Override
    public CompletionStage<Reply> ask(Request request) {
        var http = HttpRequest.newBuilder(server.resolve(request.path()))
                .method(request.method(), BodyPublishers.ofString(request.body()))
                .build();
        return client.sendAsync(http, BodyHandlers.ofString())
                .thenApply(response -> new Reply(response.statusCode(), response.body()));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
