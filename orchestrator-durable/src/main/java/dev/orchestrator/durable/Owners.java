package dev.orchestrator.durable;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.Subscription;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The orchestrators that take up their jobs of earlier lives, by name. */
final class Owners {
    private final Kinds kinds;
    private final Payloads payloads;
    private final Map<String, BaseOrchestrator<?>> byName = new ConcurrentHashMap<>();
    private final Set<String> beingAdopted = ConcurrentHashMap.newKeySet();

    Owners(Kinds kinds, Payloads payloads) {
        this.kinds = kinds;
        this.payloads = payloads;
    }

    /** From now on jobs of that owner are that orchestrator's. */
    @SuppressWarnings("ReferenceEquality") // it is the very orchestrator that is meant
    Subscription add(BaseOrchestrator<?> orchestrator) {
        String name = orchestrator.name();
        if (orchestrator.isClosed())
            throw new IllegalStateException("the orchestrator " + name + " is closed, and takes up no jobs any more;"
                    + " make another one with that name");
        forgetClosed();
        BaseOrchestrator<?> before = byName.putIfAbsent(name, orchestrator);
        if (before != null && before != orchestrator)
            throw new IllegalStateException("another orchestrator with the name " + name
                    + " takes up its durable jobs in this process; override name() so that each has its own");
        return () -> byName.remove(name, orchestrator);
    }

    /** What is closed is collectable, and its next life may be in this process. */
    void forgetClosed() {
        byName.values().removeIf(BaseOrchestrator::isClosed);
    }

    Set<String> names() {
        return byName.keySet();
    }

    /** Gives the job to its owner; false if nobody here can have it. */
    boolean adopt(Store.News news) {
        DurableJob stored = news.job();
        String name = stored.owner();
        BaseOrchestrator<?> owner = name == null ? null : byName.get(name);
        Kind<?, ?> kind = kinds.find(stored.type()).orElse(null);
        if (owner == null || name == null || kind == null) return false;
        if (!beingAdopted.add(stored.id())) return true;
        try {
            adopt(owner, kind, news);
            return true;
        } catch (UnreadableException unreadable) {
            DurableLog.warning(stored + " cannot be read, so its owner " + name + " cannot have it", unreadable);
            return false;
        } catch (IllegalStateException refused) {
            DurableLog.info(stored + " was not adopted by " + name + ": " + refused.getMessage());
            return false;
        } catch (Throwable broken) {
            // Code of the user's may throw anything, and the others are to be told all the same.
            if (broken instanceof DurableStoreException trouble) throw trouble;
            DurableLog.warning(stored + " could not be adopted by " + name, broken);
            return false;
        } finally {
            beingAdopted.remove(stored.id());
        }
    }

    private void adopt(BaseOrchestrator<?> owner, Kind<?, ?> kind, Store.News news) {
        Job<?> job = (Job<?>) kind.decode(news.job().version(), news.job().payload());
        JobOptions options = payloads.decodeOptions(news.options());
        owner.adopt(job, news.job().id(), options);
    }
}
