package dev.orchestrator.examples.catalog;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.SignalBus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** One catalogue being made: a bus, a dispatcher and two orchestrators of its own. */
final class Catalog implements AutoCloseable {
    private final long began = System.nanoTime();
    private final Path folder;
    private final ExecutorService worker;
    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher;
    private final CatalogOrchestrator catalog;
    private final DuplicatesOrchestrator duplicates;

    /** Hashing computes: as many platform threads as there are processors, all jobs in the order of their dispatch. */
    Catalog(Path folder) {
        this(
                folder,
                new FingerprintExecutor(new MediaTypes()),
                Executors.newFixedThreadPool(
                        Runtime.getRuntime().availableProcessors(),
                        Thread.ofPlatform().daemon().name("catalog-", 1).factory()));
    }

    Catalog(Path folder, JobExecutor<FingerprintFile, Fingerprint> reader, ExecutorService worker) {
        this.folder = folder;
        this.worker = worker;
        this.dispatcher = Dispatcher.builder()
                .bus(bus)
                .worker(worker)
                .closeGrace(Duration.ZERO)
                .build();
        dispatcher.register(ListFolder.class, new ListFolderExecutor());
        dispatcher.register(FingerprintFile.class, reader);
        dispatcher.register(SurveyTree.class, new SurveyTreeExecutor());
        catalog = new CatalogOrchestrator(dispatcher, bus);
        duplicates = new DuplicatesOrchestrator(dispatcher, bus);
    }

    /** Makes the catalogue; returns when it is whole, or somebody has stopped it. */
    Report make(Consumer<CatalogState> progress) {
        var last = new CompletableFuture<CatalogState>();
        var found = new CompletableFuture<DuplicatesState>();
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
    }
}
