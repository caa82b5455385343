package dev.orchestrator.durable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** Conditions that durable jobs often wait for; any other is an implementation of {@link Condition}. */
public final class Conditions {
    /** How long what was found out about a host is taken for true. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    /** What a host's name may have, and its port. */
    private static final int LONGEST_NAME = 300;

    private Conditions() {}

    /** Those two are what jobs wait for without a condition. */
    static String checkedName(String name) {
        if (Objects.requireNonNull(name, "the name of the condition").isBlank())
            throw new IllegalArgumentException("the name of a condition must not be blank");
        if (name.length() > LONGEST_NAME)
            throw new IllegalArgumentException("the name of a condition has at most " + LONGEST_NAME
                    + " characters, this one has " + name.length());
        if (name.equals("key") || name.equals("limit"))
            throw new IllegalArgumentException("a condition cannot be called '" + name
                    + "': that is what jobs wait for whose key is in use, or whose limit is reached");
        return name;
    }

    /**
     * Within a time of the day: from the first moment on, and until just before the other one.
     *
     * <p>It goes over midnight where {@code until} is before {@code from}. On days when clocks change it holds whenever a
     * clock on the wall there shows a time of the window: a window in the hour that is left out is empty on that day, and
     * one in the hour that comes twice holds twice. {@link Condition#name} is {@code time window from-until}.
     *
     * @throws IllegalArgumentException if both times are the same
     */
    public static Condition timeWindow(LocalTime from, LocalTime until, ZoneId zone) {
        return timeWindow(from, until, zone, InstantSource.system());
    }

    static Condition timeWindow(LocalTime from, LocalTime until, ZoneId zone, InstantSource clock) {
        return new TimeWindow(from, until, zone, clock);
    }

    /**
     * What a supplier of the user's says.
     *
     * <p>Without a call of {@link SignalledCondition#changed} a job hears of a change at the next look, within half a minute.
     *
     * @param name what jobs are said to wait for; not {@code key} or {@code limit}
     * @param holds whether it holds now; called often and by many threads, so it must be quick
     * @throws IllegalArgumentException if the name is blank, or one of those two
     */
    public static SignalledCondition when(String name, BooleanSupplier holds) {
        return new SignalledCondition(name, holds);
    }

    /**
     * A host that answers at a port: it holds if a TCP connection can be opened within the limit. Nothing is sent.
     *
     * <p>What was found out is taken for true for a second, for all jobs that ask; who asks after that waits for the new
     * answer, so the limit should be short. {@link Condition#name} is {@code host:port}.
     *
     * @throws IllegalArgumentException if the host is blank, the port is none, or the limit is not longer than zero
     */
    public static Condition reachable(String host, int port, Duration limit) {
        if (Objects.requireNonNull(host, "host").isBlank()) throw new IllegalArgumentException("the host is blank");
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("a port is 1 to 65535, was " + port);
        if (!Objects.requireNonNull(limit, "limit").isPositive() || limit.compareTo(Duration.ofMinutes(1)) > 0)
            throw new IllegalArgumentException("the limit must be longer than zero and at most a minute, was " + limit);
        var kept = new KeptAnswer(() -> answers(host, port, limit), FRESH, System::nanoTime);
        return when(host + ":" + port, kept);
    }

    @SuppressWarnings("AddressSelection") // any address of the host will do; the first is what a client would take too
    private static boolean answers(String host, int port, Duration limit) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), Math.max(1, (int) limit.toMillis()));
            return true;
        } catch (IOException unreachable) {
            return false;
        }
    }
}
