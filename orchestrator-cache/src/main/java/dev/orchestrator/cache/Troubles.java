package dev.orchestrator.cache;

import dev.orchestrator.Event;
import dev.orchestrator.JobContext;
import dev.orchestrator.SignalBus;
import dev.orchestrator.cache.CacheTrouble.Where;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Tells what went wrong: each time by an event, and once of each sort in the log. */
final class Troubles {
    private static final Logger LOG = System.getLogger(JobCache.class.getName());

    private record Sort(Where where, String what) {}

    private final SignalBus bus;
    private final Set<Sort> logged = ConcurrentHashMap.newKeySet(); // as many as there are types of jobs and places

    Troubles(SignalBus bus) {
        this.bus = bus;
    }

    void tell(JobContext context, CacheTrouble trouble) {
        log(trouble);
        tell(trouble, () -> context.emit(trouble));
    }

    void tell(CacheTrouble trouble) {
        log(trouble);
        tell(trouble, () -> bus.emit(trouble));
    }

    /** No room, or a bus that was closed: that is no reason for a job to fail either. */
    private static void tell(Event trouble, Runnable emission) {
        try {
            emission.run();
        } catch (Throwable notTold) {
            LOG.log(Level.WARNING, "could not be told as an event: " + trouble, notTold);
        }
    }

    void log(CacheTrouble trouble) {
        boolean isFirst = logged.add(new Sort(trouble.where(), trouble.what()));
        LOG.log(
                isFirst ? Level.WARNING : Level.DEBUG,
                "trouble in a cache, at " + trouble.where() + " of " + trouble.what()
                        + "; the job goes on as if nothing had been kept"
                        + (isFirst ? ". More of this sort is logged at DEBUG, and told by CacheTrouble events" : ""),
                trouble.error());
    }
}
