package dev.orchestrator.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * P1, P2 for durable jobs whose worker is paused past its lease, or has a clock that jumps; whose row is corrupt; whose programs
 * are of two versions.
 */
class WorkerTroubleTest {
    /** Longer than a busy machine may hold a process up, and shorter than the clocks jump. */
    private static final String LONG_LEASE = "lease=60000";

    @TempDir
    private Path folder;

    private CrashWorld world() {
        return new CrashWorld(CrashDatabase.sqlite(folder.resolve("jobs.db")), folder);
    }

    @Test
    void what_a_worker_reports_after_a_pause_longer_than_its_lease_is_refused() {
        try (var world = world()) {
            world.owner(1, "kind=HELD").await("accepted ");
            world.database.watchEndings();
            ChildProcess paused = world.worker("anna");
            String first = run(paused.await("held deed-1 "));
            world.database.betweenWrites(paused::stop); // or nobody else could write

            ChildProcess other = world.worker("ben");
            String second = run(other.await("held deed-1 "));
            other.tell("go");
            world.awaitHandled(1);
            paused.go();
            paused.tell("go");
            paused.await("left deed-1 " + first);

            assertThat(second).isNotEqualTo(first);
            assertThat(world.database.rows("select outcome from crash_handled")).containsExactly("SUCCEEDED " + second);
            world.owner(20); // the paused one works on, as if nothing had been
            other.close();
            world.child("owner").await("dispatched");
            world.verify();
            assertThat(world.database.rows("select outcome from crash_handled where id = 'deed-1'"))
                    .containsExactly("SUCCEEDED " + second);
            assertThat(paused.said("did ")).isNotEmpty();
        }
    }

    private static String run(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    @Test
    void a_clock_that_jumps_neither_loses_a_job_nor_runs_one_twice() {
        try (var world = world()) {
            ChildProcess owner = world.owner(150, LONG_LEASE);
            owner.await("ready");
            world.database.watchEndings();
            ChildProcess anna = world.worker("anna", LONG_LEASE);
            ChildProcess ben = world.worker("ben", LONG_LEASE);
            world.awaitHandled(20);
            anna.tell("jump 300");
            world.awaitHandled(50);
            owner.tell("jump -600");
            ben.tell("jump -1200");
            world.awaitHandled(80);
            anna.tell("jump -900");
            owner.tell("jump 6000");

            owner.await("dispatched");
            world.verify();
            assertThat(world.database.rows("select id from orch_job where crashes > 0"))
                    .as("taken from a worker that was alive")
                    .isEmpty();
            assertThat(anna.said("did ")).as("it works on").isNotEmpty();
            assertThat(ben.said("did ")).as("it works on").isNotEmpty();
        }
    }

    @Test
    void corrupt_rows_are_parked_with_their_reason_and_the_others_go_on() {
        try (var world = world()) {
            world.owner(20).await("dispatched");
            world.database.watchEndings();
            world.database.execute("update orch_job set payload = 'broken{' where id = 'deed-3'");
            world.database.execute("update orch_job set payload = '[]' where id = 'deed-4'");
            world.database.execute(
                    "update orch_job set payload = '{\"number\":6,\"kind\":\"NONSENSE\"}' where id = 'deed-6'");
            world.database.execute("update orch_job set options = 'broken{' where id = 'deed-7'");
            world.database.execute("update orch_job set version = 9 where id = 'deed-8'");
            world.worker("anna");
            world.awaitHandled(15);
            Await.until(
                    "five are parked",
                    () -> world.database.count("select count(*) from orch_job where state = 'PARKED'") == 5,
                    world::state);
            assertThat(world.database.rows(
                            "select id from orch_job where state = 'PARKED' and error_text <> '' order by id"))
                    .containsExactly("deed-3", "deed-4", "deed-6", "deed-7", "deed-8");
            world.child("owner").kill();
            world.again("owner").await("dispatched"); // an owner of corrupt jobs starts all the same
            world.owner(25).await("dispatched");
            world.awaitHandled(20);
        }
    }

    @Test
    void two_versions_of_the_program_share_the_work() {
        try (var world = world()) {
            world.owner(10, "version=1").await("dispatched"); // older jobs
            world.database.watchEndings();
            ChildProcess old = world.worker("old", "version=1");
            world.owner(30, "version=2").await("dispatched");
            Await.until(
                    "the old one has done what it knows", () -> old.said("did ").size() >= 9, world::state);
            assertThat(old.said("did "))
                    .as("it leaves alone what it does not know")
                    .hasSizeLessThanOrEqualTo(10);

            ChildProcess fresh = world.worker("new", "version=2");
            world.verify();
            assertThat(fresh.said("did ")).hasSizeGreaterThanOrEqualTo(18);
            assertThat(world.database.rows("select distinct version from orch_job order by version"))
                    .isEqualTo(List.of("1", "2"));
        }
    }
}
