package dev.orchestrator.durable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A time of the day somewhere, as {@link Conditions#timeWindow} says.
 *
 * <p>Whether it holds is asked of the clock on the wall there. It can begin to hold only at a moment when that clock shows
 * the beginning of the window, once or twice a day, or when it is set; so the next of those moments at which it holds is
 * when it will hold.
 */
final class TimeWindow implements Condition {
    /** Longer than any window stays away: one that is left out by a change of clocks is there on the next day. */
    private static final int DAYS_AHEAD = 3;

    private final LocalTime from;
    private final LocalTime until;
    private final ZoneId zone;
    private final InstantSource clock;

    TimeWindow(LocalTime from, LocalTime until, ZoneId zone, InstantSource clock) {
        this.from = Objects.requireNonNull(from, "from");
        this.until = Objects.requireNonNull(until, "until");
        this.zone = Objects.requireNonNull(zone, "zone");
        this.clock = clock;
        if (from.equals(until))
            throw new IllegalArgumentException("a time window must not end when it begins, was " + from + " to " + until
                    + ". To run at any time, leave the condition out");
    }

    @Override
    public String name() {
        return "time window " + from + "-" + until;
    }

    @Override
    public boolean holds() {
        return holdsAt(clock.instant());
    }

    private boolean holdsAt(Instant moment) {
        LocalTime time = moment.atZone(zone).toLocalTime();
        boolean hasBegun = !time.isBefore(from);
        boolean isOver = !time.isBefore(until);
        return from.isBefore(until) ? hasBegun && !isOver : hasBegun || !isOver;
    }

    @Override
    public Optional<Duration> holdsIn() {
        Instant now = clock.instant();
        if (holdsAt(now)) return Optional.of(Duration.ZERO);
        LocalDate today = now.atZone(zone).toLocalDate();
        Stream<Instant> beginnings = IntStream.rangeClosed(0, DAYS_AHEAD)
                .mapToObj(today::plusDays)
                .flatMap(day -> momentsOf(LocalDateTime.of(day, from)));
        return Stream.concat(beginnings, nextChangeOfClocks(now))
                .filter(moment -> moment.isAfter(now) && holdsAt(moment))
                .min(Instant::compareTo)
                .map(moment -> Duration.between(now, moment));
    }

    /** When a clock on the wall shows that: once, twice, or never. */
    private Stream<Instant> momentsOf(LocalDateTime shown) {
        return zone.getRules().getValidOffsets(shown).stream().map((ZoneOffset offset) -> shown.toInstant(offset));
    }

    private Stream<Instant> nextChangeOfClocks(Instant now) {
        ZoneRules rules = zone.getRules();
        @Nullable ZoneOffsetTransition next = rules.nextTransition(now);
        return Stream.ofNullable(next).map(ZoneOffsetTransition::getInstant);
    }

    @Override
    public String toString() {
        return name() + " in " + zone;
    }
}
