package dev.orchestrator.durable;

import dev.orchestrator.SignalBus;
import java.time.Duration;
import java.util.List;

/** The housekeeping that any node does: each step alone, so that one that fails keeps no other from its turn. */
final class Sweeper {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration REMOVE_EVERY = Duration.ofMinutes(1);
    private static final Duration UNNEEDED_EVERY = Duration.ofMinutes(10);
    private static final Duration LONGEST_UNKNOWN = Duration.ofMinutes(1);
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
        Duration often = longer(settings.poll(), SHORTEST);
        this.rounds = List.of(
                new Round("ending overdue durable jobs", often, this::endOverdue, bus),
                new Round(
                        "parking unknown durable jobs",
                        longer(often, unknownFor().dividedBy(4)),
                        this::parkUnknown,
                        bus),
                new Round("removing ended durable jobs", removeEvery(settings.keep()), this::removeEnded, bus),
                new Round("removing unneeded attachments", UNNEEDED_EVERY, this::removeUnneeded, bus));
    }

    /** What is kept for less than a minute is not kept for a minute. */
    private static Duration removeEvery(Duration keep) {
        return keep.compareTo(REMOVE_EVERY) > 0 ? REMOVE_EVERY : longer(keep, SHORTEST);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
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
        if (store.parkUnknown(unknownFor()) > 0) listener.changed();
    }

    /** A process that comes back within its lease finds them as they were; later ones do them all the same. */
    private Duration unknownFor() {
        return settings.lease().compareTo(LONGEST_UNKNOWN) < 0 ? settings.lease() : LONGEST_UNKNOWN;
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
