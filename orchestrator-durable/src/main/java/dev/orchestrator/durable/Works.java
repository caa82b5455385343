package dev.orchestrator.durable;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process has claimed: how much of it, and the attempts.
 *
 * <p>Claiming happens under the lock, with a look whether it is closed; so after {@link #close} nothing is claimed, and what
 * was claimed before is counted.
 */
final class Works {
    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final CompletableFuture<@Nullable Void> idle = new CompletableFuture<>();

    // All are changed under the lock, and read without it where a hint is enough.
    private final AtomicInteger claimed = new AtomicInteger();
    private final AtomicInteger busy = new AtomicInteger();
    private volatile boolean closed;

    // Set once, before the first claim.
    private volatile Runnable afterEach = () -> {};

    /** What is done each time when a claim needs no worker any more, and when it is over. */
    void afterEach(Runnable task) {
        afterEach = task;
    }

    /** How many claims are not over. */
    int claimed() {
        return claimed.get();
    }

    /** How many claims need a worker: those whose code has not left. The others wait for the disk only. */
    int busy() {
        return busy.get();
    }

    boolean isClosed() {
        return closed;
    }

    /** Claims what that gives, unless it is closed: then nothing. Called by one thread, which holds the lock meanwhile. */
    <T extends Collection<?>> T claim(Supplier<T> claiming, T nothing) {
        lock.lock();
        try {
            if (closed) return nothing;
            T picked = claiming.get();
            claimed.addAndGet(picked.size());
            busy.addAndGet(picked.size());
            return picked;
        } finally {
            lock.unlock();
        }
    }

    /** Counts one more claim if a worker is free; false if not, if it is closed, or while others are being claimed. */
    boolean claimOne(BooleanSupplier isFree) {
        if (!lock.tryLock()) return false;
        try {
            if (closed || !isFree.getAsBoolean()) return false;
            claimed.incrementAndGet();
            busy.incrementAndGet();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** One claim needs no worker any more. */
    void codeLeft() {
        lock.lock();
        try {
            busy.decrementAndGet();
        } finally {
            lock.unlock();
        }
        afterEach.run();
    }

    /** One claim is over, which {@link #codeLeft} was told before. */
    void over() {
        boolean last;
        lock.lock();
        try {
            last = claimed.decrementAndGet() == 0 && closed;
        } finally {
            lock.unlock();
        }
        if (last) idle.complete(null);
        afterEach.run();
    }

    /** Claims nothing from now on; completes when no claim is left. */
    CompletionStage<@Nullable Void> close() {
        boolean none;
        lock.lock();
        try {
            closed = true;
            none = claimed.get() == 0;
        } finally {
            lock.unlock();
        }
        if (none) idle.complete(null);
        return idle;
    }

    /** Notes an attempt; gives the one of an older claim whose code has not left, and then does not note it. */
    @Nullable
    Attempt add(Attempt attempt) {
        return attempts.putIfAbsent(attempt.claim().work(), attempt);
    }

    void remove(Attempt attempt) {
        attempts.remove(attempt.claim().work(), attempt);
    }

    @Nullable
    Attempt of(String work) {
        return attempts.get(work);
    }

    /** The attempt of exactly that claim; null if there is none here. */
    @Nullable
    Attempt of(Store.Claim claim) {
        Attempt attempt = attempts.get(claim.work());
        return attempt != null && attempt.claim().equals(claim) ? attempt : null;
    }

    Collection<Attempt> all() {
        return attempts.values();
    }
}
