package dev.orchestrator.examples.mailroom;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The process that runs a PostgreSQL. */
@Command(name = "database", description = "Runs a PostgreSQL and says where it is, until Ctrl-C. Then it is gone.")
final class Database implements Callable<Integer> {
    @Option(names = "--with-parent", hidden = true, description = "end when standard input does")
    private boolean endsWithParent;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (endsWithParent) Parent.endWithIt();
        try (var postgres = Postgres.start();
                var screen = Screen.open(true)) {
            screen.line(postgres.url());
            new CountDownLatch(1).await(); // Ctrl-C interrupts it
            return 0;
        }
    }
}
