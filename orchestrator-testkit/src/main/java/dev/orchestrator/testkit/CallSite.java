package dev.orchestrator.testkit;

import java.lang.StackWalker.StackFrame;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Stream;

/** Where in the code of users something comes from. */
final class CallSite {
    private static final StackWalker WALKER = StackWalker.getInstance();
    private static final Set<String> OURS =
            Set.of("dev.orchestrator", "dev.orchestrator.spi", "dev.orchestrator.testkit");

    private CallSite() {}

    /** Where the calling thread is: in which method of the framework, and called from where. */
    static String ofUser() {
        return WALKER.walk(frames -> inWords(frames.map(StackFrame::toStackTraceElement)));
    }

    /** Where that thread is. */
    static String ofUser(Thread thread) {
        return inWords(Arrays.stream(thread.getStackTrace()));
    }

    private static String inWords(Stream<StackTraceElement> frames) {
        String framework = "";
        for (Iterator<StackTraceElement> each = frames.iterator(); each.hasNext(); ) {
            StackTraceElement frame = each.next();
            String type = frame.getClassName();
            if (isOfTheJdk(type)) continue;
            if (!isOurs(type)) return framework.isEmpty() ? frame.toString() : framework + ", called from " + frame;
            boolean isKit = packageOf(type).endsWith(".testkit");
            if (framework.isEmpty() && !isKit) framework = nameOf(type) + "." + frame.getMethodName();
        }
        return framework.isEmpty() ? "the framework" : framework;
    }

    /** Tests of ours stand in our packages, and are users all the same. */
    private static boolean isOurs(String type) {
        return OURS.contains(packageOf(type))
                && !nameOf(type).replaceFirst("\\$.*", "").endsWith("Test");
    }

    private static boolean isOfTheJdk(String type) {
        return type.startsWith("java.") || type.startsWith("jdk.") || type.startsWith("sun.");
    }

    private static String packageOf(String type) {
        return type.substring(0, Math.max(0, type.lastIndexOf('.')));
    }

    private static String nameOf(String type) {
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
