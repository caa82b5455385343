package dev.orchestrator.examples.catalog;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * A program to be killed: a durable catalogue that says on standard error which file it begins to read, and begins no more than
 * so many of them: who listens may be late with killing it.
 */
final class ReadingAloud {
    static final int READS = 2;

    private ReadingAloud() {}

    /** How to start it. */
    static List<String> command(Path folder, Path file, int most) {
        var command = new ArrayList<>(Program.command());
        command.removeLast();
        command.addAll(List.of(ReadingAloud.class.getName(), folder.toString(), file.toString(), "" + most));
        return command;
    }

    public static void main(String[] arguments) throws IOException {
        var reader = new FingerprintExecutor(new MediaTypes());
        var left = new Semaphore(Integer.parseInt(arguments[2]));
        try (var catalog = new Catalog(
                Path.of(arguments[0]),
                new Patience(60, 1, READS),
                (job, context) -> {
                    left.acquire();
                    System.err.println("reading " + job.stored().place());
                    return reader.execute(job, context);
                },
                Path.of(arguments[1]))) {
            JsonReport.write(catalog.make(state -> {}), new BufferedOutputStream(System.out));
        }
    }
}
