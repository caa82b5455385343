package dev.orchestrator;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whether the constructor of an orchestrator has returned (P15).
 *
 * <p>Java does not tell an object that it is complete, so this looks whether the constructing thread still has the
 * constructor of the object's class on its stack. Asked only until the answer is yes; a thread that builds another object
 * of the same class meanwhile only makes the answer come later.
 */
final class Construction {
    /** Sees the whole stack of its own thread; another thread's is cut off by the JVM, at 1,024 frames by default. */
    private static final int LONGEST_TRACE = 1_024;

    private static final StackWalker STACK = StackWalker.getInstance();

    private final String className;

    // Written to null by whoever finds the constructor gone; read by everybody who asks. Null stays null.
    private volatile @Nullable Thread constructing = Thread.currentThread();

    Construction(Class<?> type) {
        this.className = type.getName();
    }

    boolean isOver() {
        Thread thread = constructing;
        if (thread == null) return true;
        boolean isInConstructor = thread == Thread.currentThread()
                ? STACK.walk(
                        frames -> frames.anyMatch(frame -> isConstructor(frame.getMethodName(), frame.getClassName())))
                : isInConstructor(thread.getStackTrace());
        if (!isInConstructor) constructing = null;
        return !isInConstructor;
    }

    private boolean isInConstructor(StackTraceElement[] frames) {
        // A trace as long as they get may have been cut off above the constructor.
        return frames.length >= LONGEST_TRACE
                || Arrays.stream(frames).anyMatch(frame -> isConstructor(frame.getMethodName(), frame.getClassName()));
    }

    private boolean isConstructor(String method, String type) {
        return method.equals("<init>") && type.equals(className);
    }
}
