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
 * <p>Whoever adds endings and finds nobody writing begins to write. A writer that finds nothing more says so first and then looks
 * again: so whoever added meanwhile is seen by the one or the other.
 */
final class Acknowledgements {
    private static final int AT_ONCE = 500;
    private static final Duration LATER = Duration.ofMillis(500);

    private final Store store;
    private final String node;
    private final SignalBus bus;
    private final Consumer<Told> done;
    private final ConcurrentLinkedQueue<Told> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile boolean closed; // written once, by whoever closes; read by writers that failed

    /** What is to be done with each when it is acknowledged. */
    Acknowledgements(Store store, String node, SignalBus bus, Consumer<Told> done) {
        this.store = store;
        this.node = node;
        this.bus = bus;
        this.done = done;
    }

    void add(Told each) {
        waiting.add(each);
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
            var some = new ArrayList<Told>();
            for (Told each; some.size() < AT_ONCE && (each = waiting.poll()) != null; ) some.add(each);
            if (some.isEmpty()) return true;
            if (!write(some)) return false;
        }
    }

    private boolean write(Collection<Told> some) {
        try {
            store.acknowledge(some.stream().map(Told::id).distinct().toList(), node);
            some.forEach(done);
            return true;
        } catch (DurableStoreException trouble) {
            waiting.addAll(some);
            DurableLog.warning(some.size() + " handled endings could not be acknowledged and will be later", trouble);
            return false;
        }
    }

    /** Writes what is left, once; what cannot be written comes again to the next life of its owner. */
    void close() {
        closed = true;
        var rest = new ArrayList<Told>();
        for (Told each; (each = waiting.poll()) != null; ) rest.add(each);
        if (!rest.isEmpty()) write(rest);
    }
}
