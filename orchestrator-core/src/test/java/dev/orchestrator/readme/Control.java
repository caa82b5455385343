package dev.orchestrator.readme;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The README's example of options, which is drawn from here. */
final class Control {
    private Control() {}

    interface Api {
        List<String> find(String text) throws IOException;
    }

    // @start region="control"
    record Search(String text) implements Job<List<String>> {}

    static void register(Dispatcher dispatcher, Api api) {
        dispatcher.register(
                Search.class,
                (job, context) -> api.find(job.text()),
                JobOptions.builder() // for all searches; a dispatch may say otherwise
                        .timeout(Duration.ofSeconds(30)) // in all, from the dispatch
                        .attemptTimeout(Duration.ofSeconds(10)) // for each attempt
                        .retry(RetryPolicy.exponential(3, Duration.ofMillis(200))
                                .retryOn(IOException.class))
                        .limit(RunLimit.of(4).orQueue(100)) // four at a time, a hundred may wait
                        .build());
        dispatcher.intercept(
                Search.class,
                call -> { // around every attempt
                    long began = System.nanoTime();
                    try {
                        return call.proceed();
                    } finally {
                        System.out.println(
                                "attempt " + call.attempt() + " took " + (System.nanoTime() - began) + " ns");
                    }
                });
    }

    static final class SearchOrchestrator extends BaseOrchestrator<String> {
        SearchOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super("", dispatcher, bus);
            on(Search.class)
                    .retrying((job, retry) -> emit("attempt " + retry.attempt() + " failed, trying again"))
                    .success((job, found) -> emit(found.size() + " found"))
                    .failure((job, error) -> emit("failed: " + error.getMessage()))
                    .timedOut((job, limit) -> emit("nothing after " + limit));
        }

        void textChanged(String text) {
            dispatchLatest("search", new Search(text)); // the search before is cancelled
        }
    }
    // @end
}
