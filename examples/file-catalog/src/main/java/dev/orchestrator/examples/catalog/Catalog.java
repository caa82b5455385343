package dev.orchestrator.examples.catalog;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.SignalBus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One catalogue being made: a bus, a dispatcher and two orchestrators of its own. */
final class Catalog implements AutoCloseable {
    private static final ThreadFactory THREADS =
            Thread.ofPlatform().daemon().name("catalog-", 1).factory();

    private final long began = System.nanoTime();
    private final Path folder;

    // Hashing computes, so the jobs have platform threads, one per processor and two at least. Both orchestrators share
    // one lane, which lets events gather for a millisecond: a thread that wakes up for each of them does little else.
    private final ExecutorService worker =
            Executors.newFixedThreadPool(Math.max(2, Runtime.getRuntime().availableProcessors()), THREADS);
    private final ScheduledExecutorService lane = Executors.newSingleThreadScheduledExecutor(THREADS);

    private final CompletableFuture<CatalogState> last = new CompletableFuture<>();
    private final CompletableFuture<DuplicatesState> found = new CompletableFuture<>();

    private final SignalBus bus = SignalBus.builder().errorHandler(this::broken).build();
    private final Dispatcher dispatcher = Dispatcher.builder()
            .bus(bus)
            .worker(worker)
            .closeGrace(Duration.ZERO)
            .build();
    private final CatalogOrchestrator catalog = new CatalogOrchestrator(dispatcher, bus, this::gather);
    private final DuplicatesOrchestrator duplicates = new DuplicatesOrchestrator(dispatcher, bus, this::gather);

    Catalog(Path folder) {
        this(folder, new FingerprintExecutor(new MediaTypes()));
    }

    Catalog(Path folder, JobExecutor<FingerprintFile, Fingerprint> reader) {
        this.folder = folder;
        dispatcher.register(SurveyTree.class, new SurveyTreeExecutor());
        dispatcher.register(ListFolder.class, new ListFolderExecutor());
        dispatcher.register(FingerprintFile.class, reader);
    }

    /**
     * Makes the catalogue; returns when it is whole, or somebody has stopped it.
     *
     * @throws CompletionException if a handler threw: then a number may be wrong, or the end may never come
     */
    Report make(Consumer<CatalogState> progress) {
        duplicates.onState(state -> {
            if (state.isOver()) found.complete(state);
        });
        catalog.onState(state -> {
            progress.accept(state);
            if (state.isOver()) last.complete(state);
        });
        catalog.catalogue(folder);
        return new Report(folder, last.join(), found.join(), Duration.ofNanos(System.nanoTime() - began));
    }

    private void broken(Throwable error, String handler, @Nullable Event event) {
        last.completeExceptionally(error);
        found.completeExceptionally(error);
    }

    private void gather(Runnable turn) {
        lane.schedule(turn, 1, TimeUnit.MILLISECONDS);
    }

    /** Finds out how much there is in all, for whoever shows the time left; once is enough. */
    void survey() {
        catalog.survey(folder);
    }

    /** Ends it early, from any thread; {@link #make} then returns what there is. */
    void stop() {
        catalog.stop();
    }

    @Override
    public void close() {
        catalog.close();
        duplicates.close();
        dispatcher.close();
        bus.close();
        worker.shutdownNow();
        lane.shutdown();
    }
}
