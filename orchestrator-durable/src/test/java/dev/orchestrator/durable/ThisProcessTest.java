package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A killed neighbour's jobs wait for no lease, and those of a living one are never taken (P2). */
class ThisProcessTest {
    private final ThisProcess self = new ThisProcess();

    private Store.Node neighbour(ProcessHandle process) {
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return new Store.Node("neighbour", self.node().host(), process.pid(), started);
    }

    private static Process waiting() throws Exception {
        return new ProcessBuilder("cat").start(); // ends with its standard input, and so with this test
    }

    @Test
    void a_neighbour_is_gone_when_it_is_killed() throws Exception {
        Process process = waiting();
        Store.Node neighbour = neighbour(process.toHandle());
        assertThat(self.isGone(neighbour)).isFalse();
        process.destroyForcibly().waitFor();
        assumeTrue(self.node().host().contains("pid:")); // elsewhere its lease decides
        assertThat(self.isGone(neighbour)).isTrue();
    }

    @Test
    void another_process_with_its_number_is_not_it() throws Exception {
        assumeTrue(self.node().host().contains("pid:"));
        Process process = waiting();
        Store.Node now = neighbour(process.toHandle());
        assertThat(self.isGone(new Store.Node("before", now.host(), now.pid(), now.started() - 60_000)))
                .isTrue();
        process.destroyForcibly();
    }

    @Test
    void of_other_machines_it_knows_nothing() {
        assertThat(self.isGone(new Store.Node("far", "elsewhere", 1, 1))).isFalse();
        assertThat(self.isGone(self.node())).isFalse();
    }
}
