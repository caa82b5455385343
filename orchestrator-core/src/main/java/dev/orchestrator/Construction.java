package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/**
 * Whether the constructor of an orchestrator has returned (P15).
 *
 * <p>Java does not tell an object that it is complete, so this looks whether the constructing thread still has the
 * constructor of the object's class on its stack. Asked only until the answer is yes; a thread that builds another object
 * of the same class meanwhile only makes the answer come later.
 */
final class Construction {
    private final String className;

    // Written to null by whoever finds the constructor gone; read by everybody who asks. Null stays null.
    private volatile @Nullable Thread constructing = Thread.currentThread();

    Construction(Class<?> type) {
        this.className = type.getName();
    }

    boolean isOver() {
        Thread thread = constructing;
        if (thread == null) return true;
        for (StackTraceElement frame : thread.getStackTrace()) {
            if (frame.getMethodName().equals("<init>") && frame.getClassName().equals(className)) return false;
        }
        constructing = null;
        return true;
    }
}
