package dev.orchestrator.examples.catalog;

import java.util.Locale;

/** Sizes for people. */
final class Bytes {
    private static final String UNITS = "kMGTPE";

    private Bytes() {}

    static String text(long bytes) {
        if (bytes < 1000) return bytes + " B";
        int unit = 0;
        double value = bytes / 1000.0;
        for (; value >= 999.95; unit++) value /= 1000;
        return String.format(Locale.ROOT, "%.1f %cB", value, UNITS.charAt(unit));
    }
}
