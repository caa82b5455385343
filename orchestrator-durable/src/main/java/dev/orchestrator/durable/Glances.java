package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Work;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How works looked right after they were claimed, all by one query; so their workers need not look one by one.
 *
 * <p>A wish to stop a work that comes later is either given to its attempt, or counted here because there is no attempt yet;
 * who has counted looks for the attempt once more. The count is read before the query, and again when the attempt is there: if
 * it is the same, no wish was missed.
 */
final class Glances {
    private record Glance(Work work, int missedBefore) {}

    private final Store store;
    private final Map<Claim, Glance> glances = new ConcurrentHashMap<>();
    private final AtomicInteger missed = new AtomicInteger();

    Glances(Store store) {
        this.store = store;
    }

    /** Looks at them; if that fails, their workers do so. By the thread that claims, before their workers begin. */
    void look(List<Claim> claims) {
        if (claims.isEmpty()) return;
        int before = missed.get();
        try {
            store.claimed(claims.getFirst().node(), claims)
                    .forEach((claim, work) -> glances.put(claim, new Glance(work, before)));
        } catch (RuntimeException | Error trouble) {
            // They are claimed, so their workers must begin; those have the patience to wait for the database.
        }
    }

    /** How many wishes were missed until now; to be asked before a work is stored that is claimed with that. */
    int missed() {
        return missed.get();
    }

    /** The work as it was stored, before its worker begins. */
    void put(Claim claim, Work stored, int missedBefore) {
        glances.put(claim, new Glance(stored, missedBefore));
    }

    /** What was seen; null if there is nothing, or it may be too old. Only once, when its attempt is in {@link Works}. */
    @Nullable
    Work take(Claim claim) {
        Glance glance = glances.remove(claim);
        return glance == null || glance.missedBefore != missed.get() ? null : glance.work;
    }

    /** Somebody wishes that a work is stopped, and no attempt here has taken the wish. */
    void missWish() {
        missed.incrementAndGet();
    }
}
