package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * When a recurring job is due. A value.
 *
 * <p>A time that passes while no process is alive is made up for once, however many of them there were.
 */
public final class Recurrence {
    private final Schedule schedule;
    private final String text;

    private Recurrence(Schedule schedule, String text) {
        this.schedule = schedule;
        this.text = text;
    }

    /**
     * At the times that a cron expression says.
     *
     * @param expression six fields, as Spring's: second, minute, hour, day of the month, month, day of the week
     * @param zone where the clock stands that it is about
     * @throws IllegalArgumentException if it is no such expression
     */
    public static Recurrence cron(String expression, ZoneId zone) {
        Objects.requireNonNull(expression, "expression");
        Objects.requireNonNull(zone, "zone");
        Schedule times;
        try {
            times = new WholeSeconds(Schedules.cron(expression, zone));
        } catch (RuntimeException broken) {
            throw noCron(expression, String.valueOf(broken.getMessage()), broken);
        }
        if (expression.strip().equals("-")
                || !times.getInitialExecutionTime(Instant.now()).isBefore(Schedule.NEVER))
            throw noCron(expression, "it never comes", null);
        return new Recurrence(times, "cron(\"" + expression + "\", " + zone + ")");
    }

    /** "Each second" is otherwise a second after the one before, whenever that was. */
    private record WholeSeconds(Schedule times) implements Schedule {
        @Override
        public Instant getNextExecutionTime(ExecutionComplete complete) {
            return times.getNextExecutionTime(complete).truncatedTo(ChronoUnit.SECONDS);
        }

        @Override
        public boolean isDeterministic() {
            return true;
        }
    }

    /** That of db-scheduler begins at once, and fails where it passes the end of time. */
    private record Delay(Duration duration) implements Schedule {
        @Override
        public Instant getNextExecutionTime(ExecutionComplete complete) {
            return Instant.ofEpochMilli(Millis.after(complete.getTimeDone().toEpochMilli(), duration));
        }

        @Override
        public boolean isDeterministic() {
            return false;
        }
    }

    private static IllegalArgumentException noCron(
            String expression, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new IllegalArgumentException(
                "not a cron expression: \"" + expression + "\" (" + why
                        + "). It has six fields: second minute hour day-of-month month day-of-week, as in \"0 30 6 * *"
                        + " MON-FRI\"",
                cause);
    }

    /**
     * So long after the job before was dispatched; the first one after that delay.
     *
     * @throws IllegalArgumentException if {@code delay} is shorter than a millisecond
     */
    public static Recurrence fixedDelay(Duration delay) {
        Objects.requireNonNull(delay, "delay");
        if (delay.compareTo(Duration.ofMillis(1)) < 0)
            throw new IllegalArgumentException("a fixed delay must be a millisecond or longer, was " + delay);
        return new Recurrence(new Delay(delay), "fixedDelay(" + delay + ")");
    }

    /**
     * Every day at those times.
     *
     * @throws IllegalArgumentException if there is no time
     */
    public static Recurrence daily(ZoneId zone, LocalTime... times) {
        Objects.requireNonNull(zone, "zone");
        if (times.length == 0) throw new IllegalArgumentException("a daily job needs a time at least");
        List<LocalTime> copy = List.of(times);
        return new Recurrence(
                Schedules.daily(zone, copy.toArray(LocalTime[]::new)),
                "daily(" + zone + ", " + Arrays.toString(times) + ")");
    }

    Schedule schedule() {
        return schedule;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Recurrence that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The call that makes it. */
    @Override
    public String toString() {
        return "Recurrence." + text;
    }
}
