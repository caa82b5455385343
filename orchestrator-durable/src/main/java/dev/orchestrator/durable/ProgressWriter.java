package dev.orchestrator.durable;

import dev.orchestrator.JobProgress;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the latest report of progress for a reader elsewhere, at most every half second; the code that reports never waits.
 *
 * <p>Two locks: one for the fields, held for a moment; and one around a write, so that an older report is never written
 * after a newer one. A writer takes the report under both.
 */
final class ProgressWriter {
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final SignalBus bus;
    private final Consumer<? super JobProgress> writing;
    private final ReentrantLock writes = new ReentrantLock();
    private final ReentrantLock fields = new ReentrantLock();

    // Guarded by `fields`.
    private @Nullable JobProgress latest;
    private boolean scheduled;
    private boolean closed;
    private boolean wroteBefore;

    /** {@code writing} throws nothing. */
    ProgressWriter(SignalBus bus, Consumer<? super JobProgress> writing) {
        this.bus = bus;
        this.writing = writing;
    }

    void say(JobProgress progress) {
        Duration delay;
        fields.lock();
        try {
            if (closed) return;
            latest = progress;
            if (scheduled) return;
            scheduled = true;
            delay = wroteBefore ? INTERVAL : Duration.ZERO;
            wroteBefore = true;
        } finally {
            fields.unlock();
        }
        // Up to twice the interval between two writes that are far apart anyway; never less than the interval.
        bus.time().schedule(delay, () -> bus.threads().start(Role.WORKER, "progress of a durable job", this::write));
    }

    private void write() {
        writes.lock();
        try {
            JobProgress taken = take();
            if (taken != null) writing.accept(taken);
        } finally {
            writes.unlock();
        }
    }

    private @Nullable JobProgress take() {
        fields.lock();
        try {
            JobProgress taken = latest;
            latest = null;
            scheduled = false;
            return taken;
        } finally {
            fields.unlock();
        }
    }

    /** Writes what is not written yet, and nothing after it. */
    void close() {
        fields.lock();
        try {
            closed = true;
        } finally {
            fields.unlock();
        }
        write();
    }
}
