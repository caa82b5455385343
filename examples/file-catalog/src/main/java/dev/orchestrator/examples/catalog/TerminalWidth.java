package dev.orchestrator.examples.catalog;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** How many columns the terminal has; a user may change that at any time. Called by one thread at a time. */
final class TerminalWidth {
    private static final int USUAL = 80;
    private static final int LEAST = 20;
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(2);

    private int columns;
    private long askedAt;

    int columns() {
        if (columns == 0 || System.nanoTime() - askedAt > PAUSE) {
            columns = ask();
            askedAt = System.nanoTime();
        }
        return columns;
    }

    private static int ask() {
        try {
            var stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var rowsAndColumns =
                    new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\\s+");
            return Math.max(LEAST, Integer.parseInt(rowsAndColumns[1]));
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException nobodyKnows) {
            return USUAL;
        }
    }
}
