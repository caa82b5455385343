package dev.orchestrator;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done when a run is down.
 *
 * <p>A stack that is taken as a whole, once. Whoever adds does so by compareAndSet and finds it taken otherwise; whoever
 * takes it has all that were added before. So each task runs exactly once, on the one thread or the other.
 */
class RunHooks extends RunLinks {
    private static final VarHandle TOP;

    static {
        try {
            TOP = MethodHandles.lookup().findVarHandle(RunHooks.class, "top", Hook.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private record Hook(Runnable task, @Nullable Hook below) {}

    private static final Hook OVER = new Hook(() -> {}, null);

    private volatile @Nullable Hook top;

    /** Does that when no code of this run is running and none will; at once if that is so already. */
    final void whenDown(Runnable task) {
        Hook before;
        do {
            before = top;
            if (isOver(before)) {
                task.run();
                return;
            }
        } while (!TOP.compareAndSet(this, before, new Hook(task, before)));
    }

    /** Whether no code of this run is running, and none will. */
    final boolean isDown() {
        return isOver(top);
    }

    @SuppressWarnings("ReferenceEquality") // there is one such hook
    private static boolean isOver(@Nullable Hook hook) {
        return hook == OVER;
    }

    /** It is down now; later calls do nothing. */
    final void runHooks() {
        Hook hook = (Hook) TOP.getAndSet(this, OVER);
        for (; hook != null && !isOver(hook); hook = hook.below) hook.task.run();
    }
}
