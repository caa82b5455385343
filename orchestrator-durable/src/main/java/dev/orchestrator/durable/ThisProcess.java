package dev.orchestrator.durable;

import dev.orchestrator.JobIds;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * This process among those that use the database, and what it knows of others of its machine.
 *
 * <p>A process that was killed has a lease for a while; its next life should not have to wait for that. Where the system says
 * for sure which processes are one's neighbours (the same boot of Linux, the same numbering of processes, which containers have
 * each their own), a neighbour whose number is nobody's, or another process's, is gone.
 */
final class ThisProcess {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NUMBERING = Path.of("/proc/self/ns/pid");

    private final Store.Node node;
    private final boolean knowsNeighbours;

    ThisProcess() {
        ProcessHandle self = ProcessHandle.current();
        Optional<String> machine = machine();
        knowsNeighbours = machine.isPresent() && self.info().startInstant().isPresent();
        String host = hostName();
        node = new Store.Node(
                JobIds.next(host + "-" + self.pid()),
                machine.map(it -> host + " " + it).orElse(host),
                self.pid(),
                started(self));
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            return "localhost";
        }
    }

    private static Optional<String> machine() {
        try {
            return Optional.of(Files.readString(BOOT).strip() + " " + Files.readSymbolicLink(NUMBERING));
        } catch (IOException | UnsupportedOperationException | SecurityException unknown) {
            return Optional.empty();
        }
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    Store.Node node() {
        return node;
    }

    /** Whether that one is a neighbour, and gone for sure. */
    boolean isGone(Store.Node other) {
        if (!knowsNeighbours || !other.host().equals(node.host()) || other.id().equals(node.id())) return false;
        Optional<ProcessHandle> there = ProcessHandle.of(other.pid()).filter(ProcessHandle::isAlive);
        return there.isEmpty() || started(there.get()) != other.started();
    }
}
