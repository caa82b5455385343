package dev.orchestrator.examples.mailroom;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A process that delivers letters until somebody ends it. */
@Command(name = "worker", description = "Delivers letters, until Ctrl-C: then it finishes those in its hands first.")
final class Worker implements Callable<Integer> {
    private static final int AT_ONCE = 4;

    @Mixin
    private SharedOptions options;

    @Option(names = "--name", paramLabel = "NAME", description = "who delivers (default: worker-PID)")
    private String name = "worker-" + ProcessHandle.current().pid();

    @Override
    public Integer call() throws InterruptedException {
        if (options.endsWithParent()) Parent.endWithIt();
        try (var office = new Office(options, AT_ONCE)) {
            office.deliver(name);
            new CountDownLatch(1).await(); // Ctrl-C interrupts it
            return 0;
        }
    }
}
