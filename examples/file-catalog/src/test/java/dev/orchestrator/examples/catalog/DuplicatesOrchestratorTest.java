package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.Interleavings;
import dev.orchestrator.testkit.OrchestratorTest;
import dev.orchestrator.testkit.TestWorld;
import java.nio.file.Path;
import java.util.List;

/** It knows what it hears, and nobody tells it anything else; in whichever order things happen. */
@OrchestratorTest
class DuplicatesOrchestratorTest {
    private static final Sha256 HASH = new Sha256(1, 2, 3, 4);

    private static DuplicatesOrchestrator duplicatesIn(TestWorld world) {
        world.dispatcher()
                .register(FingerprintFile.class, (job, context) -> new Fingerprint(100, HASH, "text/plain", 1));
        return new DuplicatesOrchestrator(world.dispatcher(), world.bus(), Runnable::run);
    }

    private static FingerprintFile file(String name) {
        return new FingerprintFile(Path.of("f"), Path.of(name), new FileVersion(100, 0, null));
    }

    @Interleavings(100)
    void it_hears_of_everybodys_fingerprints(TestWorld world) {
        try (var duplicates = duplicatesIn(world)) {
            for (String name : List.of("a", "b", "c")) world.dispatcher().dispatch(file(name));
            world.bus().emit(new CatalogEnded(3));
            world.runUntilIdle();
            assertThat(duplicates.state().isOver()).isTrue();
            assertThat(duplicates.state().groups())
                    .singleElement()
                    .satisfies(group -> assertThat(group.files())
                            .containsExactlyInAnyOrder(Path.of("f", "a"), Path.of("f", "b"), Path.of("f", "c")))
                    .extracting(DuplicateGroup::size, DuplicateGroup::wasted)
                    .containsExactly(100L, 200L);
            assertThat(duplicates.hasActiveJobs()).isFalse();
        }
    }

    @Interleavings(100)
    void it_is_over_when_it_has_seen_all_even_if_the_end_is_told_first(TestWorld world) {
        try (var duplicates = duplicatesIn(world)) {
            world.dispatcher().dispatch(file("a"));
            world.bus().emit(new CatalogEnded(2));
            world.runUntilIdle();
            assertThat(duplicates.state().isOver()).isFalse();

            world.dispatcher().dispatch(file("b"));
            world.runUntilIdle();
            assertThat(duplicates.state().isOver()).isTrue();
            assertThat(duplicates.state().wasted()).isEqualTo(100);
        }
    }
}
