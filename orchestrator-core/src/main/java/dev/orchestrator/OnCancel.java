package dev.orchestrator;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What an attempt wants closed when it is stopped: each once, and forgotten when the attempt is over.
 *
 * <p>Everything here is guarded by the lock, under which nothing is closed.
 */
final class OnCancel {
    /** One registration, known by its identity: the same object may be given twice. Closing it takes it back. */
    private final class Entry implements Subscription {
        final AutoCloseable wanted;

        Entry(AutoCloseable wanted) {
            this.wanted = wanted;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                entries.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final LinkedHashSet<Entry> entries = new LinkedHashSet<>();

    Subscription add(AutoCloseable closeable) {
        var entry = new Entry(closeable);
        lock.lock();
        try {
            entries.add(entry);
        } finally {
            lock.unlock();
        }
        return entry;
    }

    /** Takes everything out, in the order of the registrations: whoever gets it closes it, or lets it go. */
    List<AutoCloseable> takeAll() {
        lock.lock();
        try {
            List<AutoCloseable> all =
                    entries.stream().map(entry -> entry.wanted).toList();
            entries.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
