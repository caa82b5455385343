package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the database for what this process is to be told: when somebody wakes it, and every so often.
 *
 * <p>Whoever wakes it raises a count; the one who raised it from zero reads until it is zero again. So no wake is lost, and
 * one thread reads at a time.
 */
final class NewsReader {
    private static final int AT_ONCE = 200;
    private static final int MOST_UNACKNOWLEDGED = 1_000;

    private final Store store;
    private final ThisProcess process;
    private final String node;
    private final SignalBus bus;
    private final Duration poll;
    private final Duration betweenTakeOvers;
    private final Telling telling;
    private final Owners owners;
    private final Predicate<? super DurableJob> isAboutToBeTold;
    private final AtomicInteger wakes = new AtomicInteger();

    /** Jobs whose owner is not here, or that cannot be read: looked at again when an owner or a type is added. */
    private final Set<String> skipped = ConcurrentHashMap.newKeySet();

    /** Jobs that another process reads, and somebody here waits for all the same. */
    private final Set<String> watched = ConcurrentHashMap.newKeySet();

    // Each written by whoever starts or closes, and by the timer; a timer that finds it closed does nothing.
    private volatile boolean closed;
    private volatile Time.@Nullable Timer timer;
    private volatile boolean troubled;

    private long lastTakeOver; // written and read by who reads, one thread at a time

    /** {@code isAboutToBeTold}: whether a worker here has recorded the ending and tells it now. */
    NewsReader(
            Store store,
            ThisProcess process,
            SignalBus bus,
            Settings settings,
            Telling telling,
            Owners owners,
            Predicate<? super DurableJob> isAboutToBeTold) {
        this.isAboutToBeTold = isAboutToBeTold;
        this.store = store;
        this.process = process;
        this.node = process.node().id();
        this.bus = bus;
        this.poll = settings.poll();
        this.betweenTakeOvers = settings.lease().dividedBy(4);
        this.lastTakeOver = bus.time().nanos();
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
            takeOverFromTheDead();
            readNews();
            lookAtWatched();
            troubled = false;
        } catch (Throwable trouble) { // whatever it is: a reader that gave up would never be woken again
            if (!troubled && !closed)
                DurableLog.warning("the news of durable jobs cannot be read; tried again soon", trouble);
            troubled = true;
        }
    }

    /** Not at each look: it writes, and who has died is known only when a lease is over. One thread reads at a time. */
    private void takeOverFromTheDead() {
        long now = bus.time().nanos();
        if (now - lastTakeOver < betweenTakeOvers.toNanos()) return;
        lastTakeOver = now;
        owners.forgetClosed();
        sayWhoIsGone();
        for (String name : owners.names()) store.takeOver(name, node);
    }

    private void sayWhoIsGone() {
        for (Store.Node each : store.nodes()) if (process.isGone(each)) store.gone(each.id());
    }

    /** What that owner has from processes that are dead is read here from now on. */
    void takeOver(String owner) {
        sayWhoIsGone();
        store.takeOver(owner, node);
    }

    /** Adopts all jobs of an owner before it returns; what is new of them is told by the reader. */
    void adoptAllOf(String owner) {
        sayWhoIsGone();
        store.takeOver(owner, node, telling.letGoOfClosed(owner));
        Telling.Look look = telling.beginLook();
        try {
            adoptAllOf(owner, look);
        } finally {
            telling.endLook(look);
        }
        lookAgainAtSkipped();
    }

    /** Beside the reader, which may adopt the same job, tell its ending and be done with it at any moment. */
    private void adoptAllOf(String owner, Telling.Look look) {
        for (long after = 0; after >= 0; ) {
            List<Store.News> some = store.news(node, after, Set.of(), AT_ONCE);
            for (Store.News each : some) {
                String id = each.job().id();
                if (!owner.equals(each.job().owner()) || !telling.isUnknown(id, look)) continue;
                owners.adopt(each);
                telling.letGoIfDone(id, look);
            }
            after = next(some);
        }
    }

    /** Where the page behind that one begins; -1 if there is none. */
    private static long next(List<Store.News> page) {
        return page.size() < AT_ONCE ? -1 : page.getLast().job().position();
    }

    /** Reads all there is, but for what was told and has yet to be acknowledged. */
    private void readNews() {
        // Owners that have much to handle have no use for more; it is read when they have handled some.
        for (long after = 0; after >= 0 && !closed && telling.unacknowledged() < MOST_UNACKNOWLEDGED; )
            after = readPage(after);
    }

    private long readPage(long after) {
        Telling.Look look = telling.beginLook();
        try {
            List<Store.News> some = store.news(node, after, Set.of(), AT_ONCE);
            for (Store.News each : some)
                if (!closed && !skipped.contains(each.job().id())) tell(each, look);
            return next(some);
        } finally {
            telling.endLook(look);
        }
    }

    private void tell(Store.News news, Telling.Look look) {
        String id = news.job().id();
        if (telling.isEnded(id) || isToldByItsWorker(news.job())) return;
        if (telling.isUnknown(id, look) && !owners.adopt(news)) {
            if (news.job().owner() == null) nobodyWaits(news);
            else skipped.add(id);
            return;
        }
        if (!telling.letGoIfDone(id, look)) telling.tell(news);
    }

    /** With the value or the error itself, and not what was stored of it; if that should fail, the next look tells it. */
    private boolean isToldByItsWorker(DurableJob job) {
        return job.state().isEnded() && telling.find(job.id()) != null && isAboutToBeTold.test(job);
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
