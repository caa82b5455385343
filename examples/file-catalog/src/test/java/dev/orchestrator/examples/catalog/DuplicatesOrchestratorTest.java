package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** It knows what it hears, and nobody tells it anything else. */
class DuplicatesOrchestratorTest {
    private static final Sha256 HASH = new Sha256(1, 2, 3, 4);

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final DuplicatesOrchestrator duplicates = new DuplicatesOrchestrator(dispatcher, bus, Runnable::run);

    @AfterEach
    void close() {
        dispatcher.close();
        bus.close();
    }

    @Test
    void it_hears_of_everybodys_fingerprints() throws Exception {
        dispatcher.register(FingerprintFile.class, (job, context) -> new Fingerprint(100, HASH, "text/plain", 1));
        for (String name : new String[] {"a", "b", "c"}) dispatcher.run(file(name));
        bus.emit(new CatalogEnded(3));
        awaitOver();

        assertThat(duplicates.state().groups())
                .containsExactly(new DuplicateGroup(
                        HASH, 100, 200, List.of(Path.of("f", "a"), Path.of("f", "b"), Path.of("f", "c"))));
        assertThat(duplicates.hasActiveJobs()).isFalse();
    }

    @Test
    void it_is_over_when_it_has_seen_all_even_if_the_end_is_told_first() throws Exception {
        dispatcher.register(FingerprintFile.class, (job, context) -> new Fingerprint(100, HASH, "text/plain", 1));
        dispatcher.run(file("a"));
        bus.emit(new CatalogEnded(2));
        assertThat(duplicates.state().isOver()).isFalse();

        dispatcher.run(file("b"));
        awaitOver();
        assertThat(duplicates.state().wasted()).isEqualTo(100);
    }

    /** A job's result may be there before those who only listen have heard of it. */
    private void awaitOver() throws Exception {
        var over = new CompletableFuture<Void>();
        duplicates.onState(state -> {
            if (state.isOver()) over.complete(null);
        });
        over.get(30, TimeUnit.SECONDS);
    }

    private static FingerprintFile file(String name) {
        return new FingerprintFile(Path.of("f"), Path.of(name), new FileVersion(100, 0, null));
    }
}
