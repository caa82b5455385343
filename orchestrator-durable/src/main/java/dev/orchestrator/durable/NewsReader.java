package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the database for what this process is to be told: when somebody wakes it, and every so often.
 *
 * <p>Whoever wakes it raises a count; the one who raised it from zero reads until it is zero again. So no wake is lost, and
 * one thread reads at a time.
 */
final class NewsReader {
    private static final int AT_ONCE = 200;
    private static final int MOST_SKIPPED = 1_000;

    private final Store store;
    private final String node;
    private final SignalBus bus;
    private final Duration poll;
    private final Telling telling;
    private final Owners owners;
    private final AtomicInteger wakes = new AtomicInteger();

    /** Jobs whose owner is not here, or that cannot be read: looked at again when an owner or a type is added. */
    private final Set<String> skipped = ConcurrentHashMap.newKeySet();

    /** Jobs that another process reads, and somebody here waits for all the same. */
    private final Set<String> watched = ConcurrentHashMap.newKeySet();

    // Each written by whoever starts or closes, and by the timer; a timer that finds it closed does nothing.
    private volatile boolean closed;
    private volatile Time.@Nullable Timer timer;
    private volatile boolean troubled;

    NewsReader(Store store, String node, SignalBus bus, Duration poll, Telling telling, Owners owners) {
        this.store = store;
        this.node = node;
        this.bus = bus;
        this.poll = poll;
        this.telling = telling;
        this.owners = owners;
    }

    void start() {
        tick();
    }

    private void tick() {
        if (closed) return;
        wake();
        timer = bus.time().schedule(poll, this::tick);
        if (closed) close();
    }

    void close() {
        closed = true;
        Time.Timer last = timer;
        if (last != null) last.cancel();
    }

    /** There may be news. */
    void wake() {
        if (closed || wakes.getAndIncrement() != 0) return;
        bus.threads().start(Role.WORKER, "orchestrator-durable-news", this::readAll);
    }

    /** Somebody here waits for a job that another process reads. */
    void watch(String id) {
        watched.add(id);
    }

    /** What nobody here could have may be somebody's now. */
    void lookAgainAtSkipped() {
        skipped.clear();
        wake();
    }

    private void readAll() {
        int seen;
        do {
            seen = wakes.get();
            read();
        } while (!wakes.compareAndSet(seen, 0));
    }

    private void read() {
        try {
            for (String name : owners.names()) store.takeOver(name, node);
            var done = new HashSet<String>();
            while (!closed && readSome(done)) {}
            lookAtWatched();
            troubled = false;
        } catch (DurableStoreException trouble) {
            if (!troubled && !closed)
                DurableLog.warning("the news of durable jobs cannot be read; tried again soon", trouble);
            troubled = true;
        }
    }

    /** Adopts all jobs of an owner before it returns; what is new of them is told by the reader. */
    void adoptAllOf(String owner) {
        store.takeOver(owner, node);
        Set<String> here = new HashSet<>(telling.ids());
        while (true) {
            List<Store.News> some = store.news(node, here, AT_ONCE);
            if (some.isEmpty()) break;
            for (Store.News each : some) {
                here.add(each.job().id());
                if (owner.equals(each.job().owner())) owners.adopt(each);
            }
        }
        lookAgainAtSkipped();
    }

    /** True if there may be more than what was read in this look. */
    private boolean readSome(Set<String> done) {
        var not = new HashSet<>(skipped);
        telling.addEnded(not);
        not.addAll(done);
        if (not.size() > MOST_SKIPPED)
            return false; // the owners have much to handle; what they acknowledge wakes this one
        List<Store.News> some = store.news(node, not, AT_ONCE);
        for (Store.News each : some) {
            done.add(each.job().id());
            tell(each);
        }
        return some.size() == AT_ONCE;
    }

    private void tell(Store.News news) {
        String id = news.job().id();
        if (telling.find(id) == null && !owners.adopt(news)) {
            if (news.job().owner() == null) nobodyWaits(news);
            else skipped.add(id);
            return;
        }
        telling.tell(news);
    }

    private void nobodyWaits(Store.News news) {
        if (news.job().state().isEnded()) store.acknowledge(List.of(news.job().id()), node);
        else store.read(news.job().id(), node, news.news());
    }

    private void lookAtWatched() {
        for (String id : Set.copyOf(watched)) {
            Told each = telling.find(id);
            DurableJob job = each == null ? null : store.find(id).orElse(null);
            if (job != null && !job.state().isEnded()) continue;
            watched.remove(id);
            if (each != null && job != null) telling.endFound(each, job);
        }
    }
}
