package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.Threads.Role;
import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Something that is done again and again, and at once when somebody asks: one turn at a time, on a thread of its own.
 *
 * <p>A turn that fails is logged, once until one succeeds again, and the next one comes at its time all the same.
 */
final class Round {
    private final String name;
    private final Duration every;
    private final Runnable task;
    private final SignalBus bus;

    // Raised by whoever wants a turn. Who raises it from 0 starts the thread, which does turns, for those too who come
    // meanwhile, until it is 0. So there is at most one thread in here, and nobody who asked goes without a later turn.
    private final AtomicInteger wanted = new AtomicInteger();

    // Written and read by that one thread; ordered from one to the next by `wanted`.
    private boolean failing;

    // Both volatile: who stops writes `stopped` and then takes the timer back; the thread sets a timer and then looks.
    // So at least one of the two takes it back.
    private volatile Time.@Nullable Timer next;
    private volatile boolean stopped;

    Round(String name, Duration every, Runnable task, SignalBus bus) {
        this.name = name;
        this.every = every;
        this.task = task;
        this.bus = bus;
    }

    /** The first turn is due after the interval. */
    void start() {
        scheduleNext();
    }

    /** Asks for a turn that begins after this call; never waits. */
    void now() {
        if (stopped || wanted.getAndIncrement() != 0) return;
        bus.threads().start(Role.WORKER, name, this::turns);
    }

    private void turns() {
        int seen = 1;
        do {
            turn();
            seen = wanted.addAndGet(-seen);
        } while (seen != 0);
        scheduleNext();
    }

    private void turn() {
        if (stopped) return;
        try {
            task.run();
            failing = false;
        } catch (Throwable thrown) {
            if (!failing && !stopped) EngineLog.warning(name + " failed, and is tried again in " + every, thrown);
            failing = true;
        }
    }

    private void scheduleNext() {
        if (stopped) return;
        cancelTimer(); // that of before, if this turn came early
        next = bus.time().schedule(every, this::now);
        if (stopped) cancelTimer();
    }

    private void cancelTimer() {
        Time.Timer timer = next;
        if (timer != null) timer.cancel();
    }

    /** No turn begins after this call. */
    void stop() {
        stopped = true;
        cancelTimer();
    }
}
