package dev.orchestrator.durable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ids that callers choose, while a job with one is dispatched: whoever comes with the same one waits, and takes part then. */
final class ChosenIds {
    private record Turn(Thread by, CompletableFuture<@Nullable Void> over) {}

    // By id; put there and removed by the thread that dispatches it, waited for by the others.
    private final ConcurrentHashMap<String, Turn> turns = new ConcurrentHashMap<>();

    /** Runs it when no other thread runs one for that id. No lock is held: a handler that it calls may come here again. */
    <T> T inTurn(String id, Supplier<T> dispatch) {
        var mine = new Turn(Thread.currentThread(), new CompletableFuture<>());
        Turn first = turns.putIfAbsent(id, mine);
        while (first != null && first.by() != mine.by()) {
            first.over().join();
            first = turns.putIfAbsent(id, mine);
        }
        try {
            return dispatch.get();
        } finally {
            if (turns.remove(id, mine)) mine.over().complete(null);
        }
    }
}
