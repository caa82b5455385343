package dev.orchestrator;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * What the framework logs while this is open; nothing of it is printed.
 *
 * <p>By reflection, since the module of the core does not read {@code java.logging}, which the system's logger writes to.
 */
final class RecordedLog implements AutoCloseable {
    /** One line of the log. */
    record Line(String level, String text, Throwable error) {}

    private final ConcurrentLinkedQueue<Line> lines = new ConcurrentLinkedQueue<>();
    private final Object logger;
    private final Consumer<Line> listener;

    RecordedLog() {
        this(line -> {});
    }

    /** As a log whose handler does something with each line; it may throw. */
    RecordedLog(Consumer<Line> listener) {
        this.listener = listener;
        try {
            logger = type("Logger").getMethod("getLogger", String.class).invoke(null, "dev.orchestrator");
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
        filter(Proxy.newProxyInstance(
                type("Filter").getClassLoader(), new Class<?>[] {type("Filter")}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isLoggable")) record(arguments[0]);
                    return false;
                }));
    }

    private void record(Object line) throws ReflectiveOperationException {
        var recorded =
                new Line(String.valueOf(read(line, "getLevel")), String.valueOf(read(line, "getMessage")), (Throwable)
                        read(line, "getThrown"));
        lines.add(recorded);
        listener.accept(recorded);
    }

    private static Object read(Object line, String method) throws ReflectiveOperationException {
        return type("LogRecord").getMethod(method).invoke(line);
    }

    private void filter(Object filter) {
        try {
            Method set = type("Logger").getMethod("setFilter", type("Filter"));
            set.invoke(logger, filter);
        } catch (InvocationTargetException | IllegalAccessException | NoSuchMethodException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName("java.util.logging." + name);
        } catch (ClassNotFoundException impossible) {
            throw new AssertionError(impossible);
        }
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    List<String> texts(String level) {
        return lines.stream()
                .filter(line -> line.level().equals(level))
                .map(Line::text)
                .toList();
    }

    @Override
    public void close() {
        filter(null);
    }
}
