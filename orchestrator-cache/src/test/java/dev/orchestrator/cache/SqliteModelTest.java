package dev.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store does what a map does, whatever is done in whichever order, over reopenings and from two sides. */
class SqliteModelTest {
    private static final int STEPS = 1_500;
    private static final int MAXIMUM = 25;
    private static final String[] KINDS = {"fetch-user", "fetch-team", "fetch"};
    private static final String[] TAGS = {"a", "b", "c", ""};

    private final MovableClock clock = new MovableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final List<Exception> troubles = Collections.synchronizedList(new ArrayList<>());
    private final Map<StoreKey, StoredValue> model = new HashMap<>();

    @TempDir
    Path folder;

    @AfterEach
    void nothing_had_to_be_got_over() {
        assertThat(troubles).isEmpty();
    }

    private SqliteStore open() throws Exception {
        return SqliteStore.builder(folder.resolve("cache.db"))
                .maximumEntries(MAXIMUM)
                .clock(clock)
                .onTrouble(troubles::add)
                .open();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void a_store_does_what_a_map_does(long seed) throws Exception {
        var random = new Random(seed);
        SqliteStore[] stores = {open(), open()};
        for (int step = 0; step < STEPS; step++) {
            int side = random.nextInt(2);
            if (random.nextInt(40) == 0) {
                stores[side].close();
                stores[side] = open();
            }
            step(random, stores[side]);
            var key = key(random);
            assertThat(stores[random.nextInt(2)].load(key))
                    .as("seed %d, step %d", seed, step)
                    .isEqualTo(inModel(key));
        }
        for (StoreKey key : model.keySet()) assertThat(stores[0].load(key)).isEqualTo(inModel(key));
        for (SqliteStore store : stores) store.close();
    }

    private Optional<StoredValue> inModel(StoreKey key) {
        return Optional.ofNullable(model.get(key)).filter(this::isKept);
    }

    private boolean isKept(StoredValue value) {
        return clock.instant().isBefore(value.keepUntil());
    }

    private void step(Random random, SqliteStore store) throws Exception {
        var key = key(random);
        clock.advance(Duration.ofNanos(random.nextInt(2_000_000_000)));
        switch (random.nextInt(20)) {
            case 0 -> {
                store.invalidate(key);
                invalidate(entry -> entry.getKey().equals(key));
            }
            case 1 -> {
                String tag = TAGS[random.nextInt(TAGS.length)];
                store.invalidateTag(tag);
                invalidate(entry -> entry.getValue().tags().contains(tag));
            }
            case 2 -> {
                store.invalidateKind(key.kind());
                invalidate(entry -> entry.getKey().kind().equals(key.kind()));
            }
            case 3, 4 -> {
                store.remove(key);
                model.remove(key);
            }
            case 5 -> {
                if (random.nextInt(20) == 0) {
                    store.clear();
                    model.clear();
                } else if (random.nextInt(5) == 0) {
                    store.invalidateAll();
                    invalidate(entry -> true);
                }
            }
            default -> {
                var value = value(random);
                store.save(key, value);
                model.put(key, value);
                trim();
            }
        }
    }

    private void invalidate(Predicate<Map.Entry<StoreKey, StoredValue>> which) {
        for (var entry : model.entrySet()) {
            StoredValue value = entry.getValue();
            if (which.test(entry))
                entry.setValue(new StoredValue(value.bytes(), value.asOf(), value.keepUntil(), true, value.tags()));
        }
    }

    private void trim() {
        model.values().removeIf(value -> !isKept(value));
        while (model.size() > MAXIMUM) {
            var oldest = model.entrySet().stream()
                    .min(Comparator.comparing(entry -> entry.getValue().asOf()))
                    .orElseThrow();
            model.remove(oldest.getKey());
        }
    }

    private static StoreKey key(Random random) {
        return new StoreKey(KINDS[random.nextInt(KINDS.length)], "id=" + random.nextInt(15));
    }

    private StoredValue value(Random random) {
        byte[] bytes = random.nextInt(10) == 0 ? null : new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 50)];
        if (bytes != null) random.nextBytes(bytes);
        Set<String> tags = new HashSet<>();
        while (random.nextBoolean()) tags.add(TAGS[random.nextInt(TAGS.length)]);
        return new StoredValue(
                bytes,
                clock.instant().minusNanos(random.nextLong(100_000_000_000L)),
                clock.instant().plusSeconds(random.nextInt(200) - 5),
                random.nextInt(8) == 0,
                tags);
    }
}
