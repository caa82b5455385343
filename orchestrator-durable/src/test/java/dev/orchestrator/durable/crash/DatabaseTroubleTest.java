package dev.orchestrator.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orchestrator.durable.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** P1, P2 for durable jobs whose database dies, cuts connections, or has no room: nothing is lost, and it goes on. */
class DatabaseTroubleTest {
    private static final int DEEDS = 120;
    private static final int MANY = 1_500; // so many that they do not end before the disk is full

    @TempDir
    private Path folder;

    @Test
    void the_server_is_killed_while_jobs_run_and_started_again() {
        try (var postgres = new PostgresServer();
                var world = new CrashWorld(CrashDatabase.postgres(postgres), folder)) {
            world.owner(DEEDS).await("ready");
            world.database.watchEndings();
            world.worker("anna");
            world.worker("ben");
            world.awaitHandled(DEEDS / 4);

            postgres.kill();
            postgres.start();
            world.awaitHandled(DEEDS / 2);
            postgres.kill();
            postgres.start();

            world.child("owner").await("dispatched");
            world.verify();
        }
    }

    @Test
    void connections_are_cut_again_and_again() {
        try (var world = new CrashWorld(CrashDatabase.postgres(PostgresServer.shared()), folder)) {
            world.owner(DEEDS).await("ready");
            world.database.watchEndings();
            world.worker("anna");
            world.worker("ben");

            for (int part = 1; part <= 4; part++) {
                world.awaitHandled(DEEDS * part / 5);
                assertThat(world.database.rows("select pg_terminate_backend(pid) from pg_stat_activity"
                                + " where pid <> pg_backend_pid() and datname = current_database()"))
                        .isNotEmpty();
            }

            world.child("owner").await("dispatched");
            world.verify();
        }
    }

    /** A small file system in memory, seen by that one process only: it is gone with the process, whatever happens. */
    @Test
    void the_disk_is_full_for_a_while() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        var mount = List.of("unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=12m crash \"$0\" && exec \"$@\"");
        assumeTrue(isPossible(mount, disk), "needs Linux that lets users mount in a namespace of their own");

        var prefix = new ArrayList<>(mount);
        prefix.add(disk.toString());
        var arguments = List.of("db=" + disk.resolve("full.db"), "owns=1", "workers=4", "to=" + MANY, "table=1");
        try (var child = ChildProcess.start("alone", line -> {}, folder.resolve("errors"), prefix, arguments)) {
            child.await("ready");
            Await.until("some are handled", () -> child.said("handled ").size() > 20, () -> "");
            child.tell("fill " + disk.resolve("filler"));
            child.await("trouble dispatch ");
            child.tell("free " + disk.resolve("filler"));

            child.await("dispatched");
            Await.until(
                    "all are handled",
                    () -> child.said("handled ").size() >= MANY,
                    () -> "only " + child.said("handled ").size() + ", errors " + errors());
            assertThat(child.said("violation ")).isEmpty();
            assertThat(child.said("handled ")).hasSize(MANY).doesNotHaveDuplicates();
            child.tell("count");
            assertThat(child.said("states "))
                    .containsExactly("states {SUCCEEDED=" + (MANY - MANY / 11) + ", FAILED=" + MANY / 11 + "}");
        }
    }

    private String errors() {
        try {
            return Files.readString(folder.resolve("errors"));
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    private static boolean isPossible(List<String> mount, Path disk) throws Exception {
        var command = new ArrayList<>(mount);
        command.addAll(List.of(disk.toString(), "true"));
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
