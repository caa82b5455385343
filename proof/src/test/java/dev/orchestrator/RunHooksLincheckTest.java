package dev.orchestrator;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** P10: what is to be done when a run is down is done exactly once, also what is added at that moment. */
public class RunHooksLincheckTest {
    /** Says nothing, so that the validation says it all. */
    public static class Silent {
        public void add() {}

        public void run() {}
    }

    public static class Hooks {
        private final RunHooks hooks = new RunHooks();
        private final AtomicInteger added = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();

        @Operation
        public void add() {
            added.incrementAndGet();
            hooks.whenDown(done::incrementAndGet);
        }

        @Operation
        public void run() {
            hooks.runHooks();
        }

        @Validate
        public void eachOnce() {
            if (hooks.isDown() && done.get() != added.get())
                throw new IllegalStateException(done + " of " + added + " were done");
        }
    }

    /** Asks whether it is over, and then adds. */
    public static class Twin {
        private final ConcurrentLinkedQueue<Runnable> hooks = new ConcurrentLinkedQueue<>();
        private final AtomicInteger added = new AtomicInteger();
        private final AtomicInteger done = new AtomicInteger();
        private volatile boolean over;

        @Operation
        public void add() {
            added.incrementAndGet();
            if (over) done.incrementAndGet();
            else hooks.add(done::incrementAndGet);
        }

        @Operation
        public void run() {
            over = true;
            for (Runnable next; (next = hooks.poll()) != null; ) next.run();
        }

        @Validate
        public void eachOnce() {
            if (over && done.get() != added.get())
                throw new IllegalStateException(done + " of " + added + " were done");
        }
    }

    @Test
    void each_task_is_done_once() {
        Checks.hold(Hooks.class, Silent.class);
    }

    @Test
    void asking_and_then_adding_is_found_out() {
        Checks.findOut(Twin.class, Silent.class);
    }
}
