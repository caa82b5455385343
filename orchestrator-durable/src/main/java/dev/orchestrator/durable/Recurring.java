package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.Clock;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The recurring tasks of this process. */
final class Recurring {
    private static final String PREFIX = "recurring:";

    private final Patience patience;
    private final Map<String, RecurringTick> ticks = new ConcurrentHashMap<>();

    /** Those that stand in the queue. Written by one round. */
    private final Set<String> queued = ConcurrentHashMap.newKeySet();

    Recurring(Patience patience) {
        this.patience = patience;
    }

    void add(String name, Recurrence when, Consumer<? super Instant> onTick) {
        var tick = new RecurringTick(PREFIX + name, when, time -> tick(name, time, onTick));
        if (ticks.putIfAbsent(tick.getName(), tick) != null)
            throw new IllegalStateException("there is a recurring job named " + name + " already; names are unique");
    }

    /** Waits for the database if that is gone. What else goes wrong costs this one tick. */
    private void tick(String name, Instant time, Consumer<? super Instant> onTick) {
        try {
            patience.until(() -> onTick.accept(time));
        } catch (DurableStoreException gone) {
            throw gone; // this process closes; another one does it
        } catch (RuntimeException broken) {
            EngineLog.warning("recurring job " + name + " failed at its time " + time, broken);
        }
    }

    /** The names in the queue. */
    List<String> tasks() {
        return List.copyOf(queued);
    }

    @Nullable
    RecurringTick of(String task) {
        return ticks.get(task);
    }

    /** Puts those into the queue that are not in it, or sooner if their times have changed. */
    void queue(SchedulerClient client, Clock clock) {
        for (RecurringTick tick : ticks.values()) {
            if (queued.contains(tick.getName())) continue;
            tick.onStartup(client, clock);
            queued.add(tick.getName());
        }
    }
}
