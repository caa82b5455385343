package dev.orchestrator.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P1, P2, P4 for durable jobs, whichever process is killed when: no accepted job is lost, each has one recorded ending, its
 * owner handles each ending exactly once, and observers see the events of a job in order.
 *
 * <p>Three real processes, an owner and two workers, one of which is killed with {@code -9} at a random moment and started
 * again, round after round. {@code -Dcrash.rounds=300} for the long run, {@code -Dcrash.seed=...} for one that failed.
 */
class KillTest {
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 4);
    private static final int ROUNDS_PER_DATABASE = 20;
    private static final int DEEDS_PER_ROUND = 25;
    private static final long SEED = Long.getLong("crash.seed", System.nanoTime());

    @TempDir
    private Path folder;

    @Test
    void processes_on_sqlite_are_killed_and_nothing_is_lost_or_told_twice() throws Exception {
        run(number -> CrashDatabase.sqlite(folder.resolve(number + ".db")));
    }

    @Test
    void processes_on_postgres_are_killed_and_nothing_is_lost_or_told_twice() throws Exception {
        run(number -> CrashDatabase.postgres(PostgresServer.shared()));
    }

    /** Makes an empty database. */
    @FunctionalInterface
    private interface Databases {
        CrashDatabase make(int number);
    }

    private void run(Databases databases) throws Exception {
        int done = 0;
        for (int number = 1; done < ROUNDS; number++) {
            int rounds = Math.min(ROUNDS_PER_DATABASE, ROUNDS - done);
            long seed = SEED + number;
            Path each = Files.createDirectories(folder.resolve("world-" + number));
            try (var world = new CrashWorld(databases.make(number), each)) {
                rounds(
                        world,
                        rounds,
                        RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
            } catch (Throwable failure) {
                throw new AssertionError("with -Dcrash.seed=" + SEED + ", in database " + number, failure);
            }
            done += rounds;
        }
        assertThat(done).isEqualTo(ROUNDS);
    }

    private static void rounds(CrashWorld world, int rounds, RandomGenerator chance) {
        ChildProcess owner = world.owner(rounds * DEEDS_PER_ROUND);
        owner.await("ready");
        world.database.watchEndings();
        world.worker("anna");
        world.worker("ben");
        for (int round = 0; round < rounds; round++) world.killOne(chance);
        Await.until("all is dispatched", () -> world.accepted() == rounds * DEEDS_PER_ROUND, world::state);
        world.verify();
    }
}
