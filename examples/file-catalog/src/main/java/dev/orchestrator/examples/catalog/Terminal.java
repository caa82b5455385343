package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What standard error is connected to. */
final class Terminal {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    private Terminal() {}

    /** Whether a bar may be drawn on standard error. */
    static boolean isInteractive() {
        if ("dumb".equals(System.getenv("TERM"))) return false;
        try {
            var device = Files.readSymbolicLink(STANDARD_ERROR).toString();
            return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            System.setProperty("jdk.console", "java.base"); // newer Javas have a console even without a terminal
            return System.console() != null;
        }
    }

    /** Whether it can be expected to show more than ASCII. */
    static boolean isUnicode() {
        return "UTF-8".equals(System.getProperty("native.encoding"));
    }
}
