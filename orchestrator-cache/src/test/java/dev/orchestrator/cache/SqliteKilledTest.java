package dev.orchestrator.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** A process that is killed while it writes loses nothing that it was told was done, an invalidation least of all. */
class SqliteKilledTest {
    private static final int ROUNDS = 4;
    private static final int KEYS = 20;

    @TempDir
    Path folder;

    @Test
    void what_had_returned_is_there_after_a_kill() throws Exception {
        Path file = folder.resolve("cache.db");
        var model = new HashMap<Integer, String>();
        var troubles = new ArrayList<Exception>();
        for (int round = 0; round < ROUNDS; round++) {
            String pending = killWhileItWrites(file, round, 300 + 97 * round, model);
            try (var store = SqliteStore.builder(file).onTrouble(troubles::add).open()) {
                for (int key = 0; key < KEYS; key++) {
                    var loaded = store.load(new StoreKey("kind", "" + key));
                    String found = loaded.map(value -> new String(value.bytes()) + (value.invalidated() ? " old" : ""))
                            .orElse(null);
                    if (pending.startsWith(key + " ")) {
                        assertThat(found).isIn(model.get(key), pending.substring(pending.indexOf(' ') + 1));
                        model.put(key, found);
                    } else {
                        assertThat(found).as("key " + key).isEqualTo(model.get(key));
                    }
                }
            }
        }
        assertThat(troubles).isEmpty();
    }

    /** Gives the line that was begun and not ended. */
    private static String killWhileItWrites(Path file, int round, int steps, Map<Integer, String> model)
            throws Exception {
        Process child = new ProcessBuilder(command(file, round))
                .redirectErrorStream(true)
                .start();
        try (var lines = new BufferedReader(new InputStreamReader(child.getInputStream()))) {
            String pending = "";
            String line;
            int done = 0;
            while ((line = lines.readLine()) != null) {
                if (line.equals("done")) {
                    int space = pending.indexOf(' ');
                    model.put(Integer.parseInt(pending.substring(0, space)), pending.substring(space + 1));
                    pending = "";
                    if (++done == steps) child.toHandle().destroyForcibly(); // what it still said is read all the same
                } else {
                    pending = line;
                }
            }
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(done).as(pending).isGreaterThanOrEqualTo(steps);
            return pending;
        } finally {
            child.destroyForcibly();
        }
    }

    private static List<String> command(Path file, int round) throws Exception {
        String driver = Path.of(JDBC.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx128m",
                "-cp",
                String.join(File.pathSeparator, "target/classes", "target/test-classes", driver),
                Writer.class.getName(),
                file.toString(),
                "" + round);
    }

    /** Says what it does before, and that it is done after, until it is killed. */
    static final class Writer {
        public static void main(String[] args) throws Exception {
            try (var store = SqliteStore.open(Path.of(args[0]))) {
                var last = new String[KEYS];
                for (int i = 0; ; i++) {
                    int key = i * 7 % KEYS;
                    var storeKey = new StoreKey("kind", "" + key);
                    if (i % 3 == 2 && last[key] != null) {
                        System.out.println(key + " " + last[key] + " old");
                        if (i % 2 == 0) store.invalidate(storeKey);
                        else store.invalidateTag("tag" + key);
                    } else {
                        last[key] = "round " + args[1] + " step " + i;
                        System.out.println(key + " " + last[key]);
                        store.save(
                                storeKey,
                                new StoredValue(
                                        last[key].getBytes(), Instant.now(), Instant.MAX, false, Set.of("tag" + key)));
                    }
                    System.out.println("done");
                }
            }
        }
    }
}
