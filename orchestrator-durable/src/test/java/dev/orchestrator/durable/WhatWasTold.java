package dev.orchestrator.durable;

import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What an engine has told, in order. */
final class WhatWasTold implements Listener {
    private static final long LIMIT_SECONDS = 30;

    /** An ending. */
    record End(Store.Ending ending, int attempts, Object value, Throwable error) {}

    final List<String> lines = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> changes = new LinkedBlockingQueue<>();
    private final Map<String, CompletableFuture<End>> ends = new ConcurrentHashMap<>();

    private CompletableFuture<End> end(String job) {
        return ends.computeIfAbsent(job, any -> new CompletableFuture<>());
    }

    /** Waits for the ending of a job. */
    End awaitEnd(String job) throws Exception {
        return end(job).get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    boolean hasEnded(String job) {
        return end(job).isDone();
    }

    /** Waits until something changed that readers hear of by the database. */
    void awaitChange() throws InterruptedException {
        if (changes.poll(LIMIT_SECONDS, TimeUnit.SECONDS) == null) throw new AssertionError("nothing changed");
    }

    @Override
    public void began(String work, int attempt) {
        lines.add(work + " began " + attempt);
    }

    @Override
    public void progress(String work, JobProgress progress) {
        lines.add(work + " progress " + progress.fraction());
    }

    @Override
    public void data(String work, Object value, Origin origin) {
        lines.add(work + " data " + value);
    }

    @Override
    public void retrying(String work, int attempt, int limit, Throwable error, Duration delay) {
        lines.add(
                work + " retrying " + attempt + " of " + limit + " in " + delay.toMillis() + ": " + error.getMessage());
    }

    @Override
    public void event(String work) {
        lines.add(work + " event");
    }

    @Override
    public void ended(Collection<String> jobs, Store.Ending ending, int attempts, Object value, Throwable error) {
        for (String job : jobs) {
            lines.add(job + " ended " + ending.getClass().getSimpleName());
            end(job).complete(new End(ending, attempts, value, error));
        }
    }

    @Override
    public void changed() {
        changes.add("changed");
    }
}
