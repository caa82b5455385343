package dev.orchestrator.examples.mailroom;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The processes that the show has started: this program once more, each with a command. None outlives the show. */
final class Children implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    private final List<Process> started = new CopyOnWriteArrayList<>();

    /**
     * Starts one. What it prints is to be read; what it complains about goes where this one's complaints go.
     *
     * @param arguments texts, numbers, or lists of them
     */
    Process start(Object... arguments) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // starts faster
                "-cp",
                System.getProperty("java.class.path"),
                MailRoomProgram.class.getName()));
        for (Object each : arguments) {
            if (each instanceof List<?> list) list.forEach(argument -> command.add(argument.toString()));
            else command.add(each.toString());
        }
        command.add("--with-parent");
        var child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(child);
        return child;
    }

    /** Ends them as {@code kill} would, the newest first, each when the one before is gone. */
    @Override
    public void close() {
        for (Process child : started.reversed()) end(child);
    }

    private static void end(Process child) {
        child.destroy();
        try {
            if (child.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) return;
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
        child.destroyForcibly();
    }
}
