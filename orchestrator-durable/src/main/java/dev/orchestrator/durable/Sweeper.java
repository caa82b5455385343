package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.List;

/** The housekeeping that any node does: each step alone, so that one that fails keeps no other from its turn. */
final class Sweeper {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration REMOVE_EVERY = Duration.ofMinutes(1);
    private static final Duration UNNEEDED_EVERY = Duration.ofMinutes(10);
    private static final Duration UNKNOWN_AFTER = Duration.ofMinutes(1);
    private static final Duration UNACKNOWLEDGED = Duration.ofDays(30);
    private static final Duration UNNEEDED_AFTER = Duration.ofDays(1);
    private static final int BATCH = 1000;

    private final Store store;
    private final Settings settings;
    private final Listener listener;
    private final List<Round> rounds;
    private volatile boolean stopped;

    Sweeper(Store store, Settings settings, Listener listener, SignalBus bus) {
        this.store = store;
        this.settings = settings;
        this.listener = listener;
        Duration often = settings.poll().compareTo(SHORTEST) > 0 ? settings.poll() : SHORTEST;
        this.rounds = List.of(
                new Round("ending overdue durable jobs", often, this::endOverdue, bus),
                new Round("parking unknown durable jobs", often, this::parkUnknown, bus),
                new Round("removing ended durable jobs", REMOVE_EVERY, this::removeEnded, bus),
                new Round("removing unneeded attachments", UNNEEDED_EVERY, this::removeUnneeded, bus));
    }

    void start() {
        rounds.forEach(Round::start);
    }

    void stop() {
        stopped = true;
        rounds.forEach(Round::stop);
    }

    private void endOverdue() {
        if (store.endOverdue().isEmpty()) return;
        listener.changed();
        store.wakeOthers();
    }

    private void parkUnknown() {
        if (store.parkUnknown(UNKNOWN_AFTER) > 0) listener.changed();
    }

    private void removeEnded() {
        int removed;
        do {
            removed = store.removeEnded(settings.keep(), unacknowledged(), BATCH);
        } while (removed >= BATCH && !stopped);
    }

    /** What nobody has acknowledged is not kept for less than what somebody has. */
    private Duration unacknowledged() {
        return settings.keep().compareTo(UNACKNOWLEDGED) > 0 ? settings.keep() : UNACKNOWLEDGED;
    }

    private void removeUnneeded() {
        store.removeUnneeded(UNNEEDED_AFTER);
    }
}
