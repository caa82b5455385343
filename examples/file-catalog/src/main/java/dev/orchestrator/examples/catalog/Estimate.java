package dev.orchestrator.examples.catalog;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Reckons the rate and the time left from what was done so far. */
final class Estimate {
    /** Opening a small file takes about as long as reading so much of a large one. */
    private static final long BYTES_PER_FILE = 32 * 1024;

    private final long began;

    Estimate(long began) {
        this.began = began;
    }

    /** As long as nobody knows how much there is, nobody knows how long it takes. */
    private Optional<Duration> timeLeft(CatalogState state, long now) {
        if (state.isOver() || state.expected() == null) return Optional.empty();
        double done = effort(state.done());
        if (done == 0) return Optional.empty();
        double left = Math.max(0, effort(state.expected()) - done);
        return Optional.of(Duration.ofNanos((long) ((now - began) * (left / done))));
    }

    private static double effort(Amount amount) {
        return (double) amount.bytes() + (double) amount.files() * BYTES_PER_FILE;
    }

    /** Files, bytes, rate and time left in one line. */
    String text(CatalogState state, long now) {
        long bytes = state.done().bytes();
        var expected = state.expected();
        double seconds = (double) (now - began) / TimeUnit.SECONDS.toNanos(1);
        return Bytes.text(bytes)
                + (expected == null ? "" : " of " + Bytes.text(expected.bytes()))
                + ", " + Bytes.text((long) (bytes / seconds)) + "/s, "
                + filesAndTime(state, now);
    }

    /** The part of it that a bar does not show by itself. */
    String filesAndTime(CatalogState state, long now) {
        var expected = state.expected();
        long done = state.done().files();
        var files = expected == null
                ? String.format(Locale.ROOT, "%,d files", done)
                : String.format(Locale.ROOT, "%,d of %,d files", done, expected.files());
        int retries = state.findings().retried().size();
        return files
                + (retries == 0 ? "" : String.format(Locale.ROOT, ", %,d tried again", retries))
                + timeLeft(state, now).map(left -> ", " + time(left) + " left").orElse("");
    }

    private static String time(Duration time) {
        return "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }
}
