package dev.orchestrator.examples.catalog;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /** What is not known by then is not worth waiting for at the end. */
    private static final Duration SURVEY_LIMIT = Duration.ofMinutes(10);

    private final long began = System.nanoTime();
    private final Path folder;

    // Both orchestrators share one lane, which lets events gather for a millisecond: a thread that wakes up for each of
    // them does little else.
    private final ScheduledExecutorService lane = Executors.newSingleThreadScheduledExecutor(THREADS);

    private final CompletableFuture<CatalogState> last = new CompletableFuture<>();
    private final CompletableFuture<DuplicatesState> found = new CompletableFuture<>();

    private final ReaderThreads readers;
    private final SignalBus bus;
    private final Dispatcher dispatcher;
    private final @Nullable DurableReads durable;
    private final CatalogOrchestrator catalog;
    private final DuplicatesOrchestrator duplicates;

    Catalog(Path folder, Patience patience) {
        this(folder, patience, (Path) null);
    }

    /**
     * Makes one that keeps what was read in a file.
     *
     * @param file a database; null for one that keeps nothing
     * @throws dev.orchestrator.durable.DurableStoreException if the file cannot be used
     */
    Catalog(Path folder, Patience patience, @Nullable Path file) {
        this(folder, patience, new FingerprintExecutor(new MediaTypes()), file);
    }

    Catalog(Path folder, Patience patience, JobExecutor<FingerprintFile, Fingerprint> reader) {
        this(folder, patience, reader, null);
    }

    Catalog(Path folder, Patience patience, JobExecutor<FingerprintFile, Fingerprint> reader, @Nullable Path file) {
        this.folder = folder;
        readers = new ReaderThreads(2 * patience.reads() + 1, THREADS); // files, folders, the survey
        // Durable jobs need threads for the database too, which must not wait for files.
        bus = SignalBus.builder()
                .threads(file == null ? readers : Threads.standard())
                .errorHandler(this::broken)
                .build();
        dispatcher = Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build();
        durable = file == null ? null : DurableReads.open(file, dispatcher, patience, reader, readers);
        duplicates = new DuplicatesOrchestrator(dispatcher, bus, this::gather);
        catalog = new CatalogOrchestrator(durable == null ? patience::of : durable, dispatcher, bus, this::gather);
        if (durable == null)
            dispatcher.registerAsync(
                    FingerprintFile.class,
                    new Abandonable<>(reader, readers),
                    patience.ofType(Backlog.FILES_AT_A_TIME));
        dispatcher.registerAsync(
                ListFolder.class,
                new Abandonable<>(new ListFolderExecutor(), readers),
                patience.ofType(Backlog.LISTINGS_AT_A_TIME));
        dispatcher.registerAsync(
                SurveyTree.class,
                new Abandonable<>(new SurveyTreeExecutor(), readers),
                JobOptions.builder().timeout(SURVEY_LIMIT).build());
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
        if (durable != null) durable.close();
        dispatcher.close();
        bus.close();
        readers.close();
        lane.shutdown();
    }
}
