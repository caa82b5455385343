package dev.orchestrator.durable;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Which errors say that there is no way to the other side, unless the user says so. */
final class Offline {
    private Offline() {}

    /** Whether such an error, or one that caused it, is there: the request has reached nobody, so nothing was done. */
    static boolean isOffline(Throwable error) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable one = error; one != null && seen.add(one); one = one.getCause())
            if (one instanceof ConnectException
                    || one instanceof UnknownHostException
                    || one instanceof NoRouteToHostException
                    || one instanceof OfflineException) return true;
        return false;
    }

    /** Whether the user's own code says so; without a condition to wait for, retries are what helps against all others. */
    static boolean isSaid(Throwable error) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable one = error; one != null && seen.add(one); one = one.getCause())
            if (one instanceof OfflineException) return true;
        return false;
    }
}
