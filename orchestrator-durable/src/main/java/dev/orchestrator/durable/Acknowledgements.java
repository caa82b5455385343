package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Acknowledges handled endings, many at a time, and again until the database has them.
 *
 * <p>Whoever adds ids and finds nobody writing begins to write. A writer that finds nothing more says so first and then looks
 * again: so whoever added meanwhile is seen by the one or the other.
 */
final class Acknowledgements {
    private static final int AT_ONCE = 500;
    private static final Duration LATER = Duration.ofMillis(500);

    private final Store store;
    private final String node;
    private final SignalBus bus;
    private final Consumer<String> done;
    private final ConcurrentLinkedQueue<String> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile boolean closed; // written once, by whoever closes; read by writers that failed

    /** What is to be done with each id when it is acknowledged. */
    Acknowledgements(Store store, String node, SignalBus bus, Consumer<String> done) {
        this.store = store;
        this.node = node;
        this.bus = bus;
        this.done = done;
    }

    void add(String id) {
        waiting.add(id);
        begin();
    }

    private void begin() {
        if (!writing.compareAndSet(false, true)) return;
        bus.threads().start(Role.WORKER, "orchestrator-durable-acknowledge", this::write);
    }

    private void write() {
        boolean written = true;
        try {
            written = writeAll();
        } finally {
            writing.set(false);
        }
        if (waiting.isEmpty() || closed) return;
        if (written) begin();
        else bus.time().schedule(LATER, this::begin);
    }

    /** False if the database did not take them; they wait again. */
    private boolean writeAll() {
        while (true) {
            var some = new ArrayList<String>();
            for (String id; some.size() < AT_ONCE && (id = waiting.poll()) != null; ) some.add(id);
            if (some.isEmpty()) return true;
            if (!write(some)) return false;
        }
    }

    private boolean write(Collection<String> ids) {
        try {
            store.acknowledge(ids, node);
            ids.forEach(done);
            return true;
        } catch (DurableStoreException trouble) {
            waiting.addAll(ids);
            DurableLog.warning(ids.size() + " handled endings could not be acknowledged and will be later", trouble);
            return false;
        }
    }

    /** Writes what is left, once; what cannot be written comes again to the next life of its owner. */
    void close() {
        closed = true;
        var rest = new ArrayList<String>();
        for (String id; (id = waiting.poll()) != null; ) rest.add(id);
        if (!rest.isEmpty()) write(rest);
    }
}
