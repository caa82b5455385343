package dev.orchestrator.durable;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** A store that says which steps were done, and in which the database can be gone. */
final class SpyStore {
    private static final long LIMIT_SECONDS = 30;

    /** The store for the engine. */
    final Store store;

    private final Map<String, BlockingQueue<Object[]>> done = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> called = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> failing = new ConcurrentHashMap<>();
    private final Map<String, Consumer<Object>> following = new ConcurrentHashMap<>();

    /** Whether a step that fails does so after it was done, as when the connection breaks after the commit. */
    volatile boolean failsAfterwards;

    /** Whether db-scheduler gets no connection. */
    volatile boolean isQueueGone;

    SpyStore(Store real) {
        store = (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    String name = method.getName();
                    called.computeIfAbsent(name, any -> new AtomicInteger()).incrementAndGet();
                    AtomicInteger left = failing.get(name);
                    boolean fails = left != null && left.getAndUpdate(n -> n > 0 ? n - 1 : n) > 0;
                    if (fails && !failsAfterwards) throw new DurableStoreException("gone for the test");
                    Object given;
                    try {
                        given = method.invoke(real, arguments);
                    } catch (InvocationTargetException thrown) {
                        throw thrown.getCause();
                    }
                    if (fails) throw new DurableStoreException("gone for the test, after the commit");
                    following.getOrDefault(name, any -> {}).accept(given);
                    if (given instanceof DataSource queue) return breakable(queue);
                    done(name).add(arguments == null ? new Object[0] : arguments);
                    return given;
                });
    }

    private DataSource breakable(DataSource queue) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (isQueueGone) throw new SQLException("gone for the test");
                    return method.invoke(queue, arguments);
                });
    }

    private BlockingQueue<Object[]> done(String step) {
        return done.computeIfAbsent(step, any -> new LinkedBlockingQueue<>());
    }

    /** The next so many calls of that step fail. */
    void fail(String step, int times) {
        failing.put(step, new AtomicInteger(times));
    }

    /** Gets what that step gave each time, before its caller does. */
    void after(String step, Consumer<Object> action) {
        following.put(step, action);
    }

    /** How often that step was tried. */
    int called(String step) {
        AtomicInteger count = called.get(step);
        return count == null ? 0 : count.get();
    }

    /** Waits until the step was done once more than it was asked for before; gives its arguments. */
    Object[] awaitDone(String step) throws InterruptedException {
        Object[] arguments = done(step).poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (arguments == null) throw new AssertionError(step + " was not done");
        return arguments;
    }
}
