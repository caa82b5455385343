package dev.orchestrator;

import dev.orchestrator.testkit.Gate;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/**
 * What the framework logs while this is open; it is kept from the console meanwhile.
 *
 * <p>A filter of the logger, set by reflection, since the module under test does not read {@code java.logging}.
 */
final class CapturedLog implements AutoCloseable {
    /** One line of the log. */
    record Line(String level, String text) {}

    private record Wish(Predicate<Line> what, CountDownLatch latch) {}

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final List<Wish> wishes = new CopyOnWriteArrayList<>();
    private final Object logger; // held here: the log manager holds it weakly, and with it the filter

    CapturedLog() throws ReflectiveOperationException {
        Class<?> filterType = Class.forName("java.util.logging.Filter");
        logger = Class.forName("java.util.logging.Logger")
                .getMethod("getLogger", String.class)
                .invoke(null, "dev.orchestrator");
        setFilter(Proxy.newProxyInstance(
                ClassLoader.getSystemClassLoader(), new Class<?>[] {filterType}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isLoggable")) return record(arguments[0]);
                    if (method.getName().equals("equals")) return proxy == arguments[0];
                    return method.getName().equals("hashCode") ? System.identityHashCode(proxy) : "CapturedLog";
                }));
    }

    private void setFilter(Object filter) throws ReflectiveOperationException {
        Class<?> filterType = Class.forName("java.util.logging.Filter");
        Class.forName("java.util.logging.Logger")
                .getMethod("setFilter", filterType)
                .invoke(logger, filter);
    }

    private boolean record(Object logRecord) throws ReflectiveOperationException {
        Class<?> type = Class.forName("java.util.logging.LogRecord");
        var line = new Line(type.getMethod("getLevel").invoke(logRecord).toString(), (String)
                type.getMethod("getMessage").invoke(logRecord));
        lines.add(line);
        for (Wish wish : wishes) if (wish.what.test(line)) wish.latch.countDown();
        return false;
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    List<String> warnings() {
        return lines.stream()
                .filter(line -> line.level().equals("WARNING"))
                .map(Line::text)
                .toList();
    }

    /** Waits until such a line was logged, before or after this call. */
    void await(Predicate<Line> what) {
        var wish = new Wish(what, new CountDownLatch(1));
        wishes.add(wish);
        if (lines.stream().noneMatch(what)) Gate.await(wish.latch, "no such line was logged");
    }

    @Override
    public void close() throws ReflectiveOperationException {
        setFilter(null);
    }
}
