package dev.orchestrator.examples.mailroom;

import java.time.Duration;

/**
 * How fast everything goes.
 *
 * @param walk how long a delivery takes
 * @param tick how often the front takes letters in and says how far it is
 * @param lettersPerTick how many it takes in
 * @param poll how often the processes look into the database when nobody wakes them
 * @param lease after which silence a process counts as dead
 */
record Pace(Duration walk, Duration tick, int lettersPerTick, Duration poll, Duration lease) {
    static final Pace LEISURELY =
            new Pace(Duration.ofMillis(500), Duration.ofSeconds(1), 30, Duration.ofMillis(500), Duration.ofSeconds(3));
    static final Pace FAST =
            new Pace(Duration.ofMillis(150), Duration.ofMillis(200), 20, Duration.ofMillis(100), Duration.ofSeconds(2));
}
