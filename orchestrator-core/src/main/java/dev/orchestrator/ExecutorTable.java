package dev.orchestrator;

import java.lang.reflect.Modifier;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Job class to executor, one hash look-up.
 *
 * <p>A sealed family is spread over its members at the registration, so a dispatch never walks a hierarchy. Registering
 * replaces the map as a whole under a lock; dispatching reads it without one.
 */
final class ExecutorTable {
    private final ReentrantLock lock = new ReentrantLock();

    // Written under lock, read by every dispatch. Volatile publishes the map, which nobody changes afterwards.
    private volatile Map<Class<?>, Route<?>> routes = Map.of();

    @Nullable
    Route<?> find(Class<?> jobType) {
        return routes.get(jobType);
    }

    /** Adds a route for a type and its members, and gives the way to take exactly that route back. */
    Subscription add(Class<?> type, Route<?> route) {
        Set<Class<?>> members = membersOf(type);
        lock.lock();
        try {
            for (Class<?> member : members) {
                Route<?> other = routes.get(member);
                if (other != null) throw taken(type, member, other);
            }
            put(members, route);
        } finally {
            lock.unlock();
        }
        return () -> remove(route);
    }

    /** Puts a route in the place of the one that was registered for exactly that type. */
    Subscription replace(Class<?> type, Route<?> route) {
        Set<Class<?>> members = membersOf(type);
        lock.lock();
        try {
            for (Class<?> member : members) {
                Route<?> other = routes.get(member);
                if (other == null)
                    throw new IllegalStateException("no executor to replace for job type " + type.getName()
                            + "; use register for the first one");
                if (other.registeredType() != type) throw taken(type, member, other);
            }
            put(members, route);
        } finally {
            lock.unlock();
        }
        return () -> remove(route);
    }

    private void put(Set<Class<?>> members, Route<?> route) {
        var more = new HashMap<>(routes);
        members.forEach(member -> more.put(member, route));
        routes = more;
    }

    private void remove(Route<?> route) {
        lock.lock();
        try {
            if (!routes.containsValue(route)) return;
            var fewer = new HashMap<>(routes);
            fewer.values().removeIf(other -> other == route);
            routes = fewer;
        } finally {
            lock.unlock();
        }
    }

    private static IllegalStateException taken(Class<?> type, Class<?> member, Route<?> other) {
        String through = other.registeredType() == member
                ? ""
                : ", through its family " + other.registeredType().getName();
        String as = type == member ? "" : ", a member of the family " + type.getName() + ",";
        return new IllegalStateException("job type " + member.getName() + as + " has "
                + (other.isDriven() ? "a driver" : "an executor") + " already" + through
                + ". A job type has one executor: close the first registration, or use replace");
    }

    /** The classes that a job of that type can have, found by going down the sealed hierarchy. */
    private static Set<Class<?>> membersOf(Class<?> type) {
        var members = new LinkedHashSet<Class<?>>();
        collectMembers(type, type, members);
        return members;
    }

    private static void collectMembers(Class<?> type, Class<?> registered, Set<Class<?>> into) {
        boolean canBeAJob = !type.isInterface() && !Modifier.isAbstract(type.getModifiers());
        if (canBeAJob) into.add(type);
        if (type.isSealed()) {
            for (Class<?> member : type.getPermittedSubclasses()) collectMembers(member, registered, into);
        } else if (!canBeAJob) {
            String what =
                    type == registered ? type.getName() : registered.getName() + " has the member " + type.getName();
            throw new IllegalArgumentException(what + ", which is " + (type.isInterface() ? "an interface" : "abstract")
                    + " and not sealed: its members cannot be listed. Register each job class, or seal the family");
        }
    }

    /** What is registered, by the names of the types. */
    Map<Class<?>, Object> executors() {
        var all = new TreeMap<Class<?>, Object>(
                Comparator.<Class<?>, String>comparing(Class::getName).thenComparingInt(System::identityHashCode));
        routes.values().forEach(route -> all.put(route.registeredType(), route.executor()));
        return Collections.unmodifiableMap(all);
    }

    Set<Class<?>> jobTypes() {
        return routes.keySet();
    }
}
