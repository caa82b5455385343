package dev.orchestrator.examples.catalog;

import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * While this is open, the first Ctrl-C or {@code kill} runs a task instead of ending the program; the second ends it at
 * once.
 *
 * <p>Signals that the program was started to ignore stay ignored.
 */
final class OnInterrupt implements AutoCloseable {
    private final Runnable task;

    // Written once, by the first of the threads that the signals come on; read by whoever ends the program.
    private final AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);

    private final @Nullable Object beforeInt;
    private final @Nullable Object beforeTerm;

    OnInterrupt(Runnable task) {
        this.task = task;
        beforeInt = Signals.register("INT", () -> received(ExitCode.INTERRUPTED));
        beforeTerm = Signals.register("TERM", () -> received(ExitCode.TERMINATED));
    }

    private void received(int code) {
        if (!exitCode.compareAndSet(ExitCode.OK, code)) Runtime.getRuntime().halt(code);
        task.run();
    }

    /** What the first signal makes of the program's exit code; {@link ExitCode#OK} if there was none. */
    int exitCode() {
        return exitCode.get();
    }

    @Override
    public void close() {
        Signals.unregister("INT", beforeInt);
        Signals.unregister("TERM", beforeTerm);
    }
}
