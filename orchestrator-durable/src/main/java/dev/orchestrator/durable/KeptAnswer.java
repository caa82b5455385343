package dev.orchestrator.durable;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Asks a slow question at most once within a time; who comes while it is asked waits for that answer. */
final class KeptAnswer implements BooleanSupplier {
    private final BooleanSupplier question;
    private final long freshNanos;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock, which is held while the question is asked: all who ask wait for the same answer.
    private boolean isAnswered;
    private boolean answer;
    private long askedNanos;

    KeptAnswer(BooleanSupplier question, Duration fresh, LongSupplier nanos) {
        this.question = question;
        this.freshNanos = fresh.toNanos();
        this.nanos = nanos;
    }

    @Override
    public boolean getAsBoolean() {
        lock.lock();
        try {
            if (isAnswered && nanos.getAsLong() - askedNanos < freshNanos) return answer;
            answer = question.getAsBoolean();
            askedNanos = nanos.getAsLong(); // after it: an answer that took long is as fresh as a quick one
            isAnswered = true;
            return answer;
        } finally {
            lock.unlock();
        }
    }
}
