package dev.orchestrator.durable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The registered kinds by their names in the queue. Whoever registers one later is seen at the next look. */
final class KindTable {
    private final Supplier<? extends Collection<? extends Kind<?, ?>>> registered;
    private final ConditionWatch conditions;
    private final Store store;

    // By name of the kind, until when its works are left to others. Written by workers, read by the claiming thread; a
    // claim that misses a new entry only claims once more.
    private final Map<String, Long> resting = new ConcurrentHashMap<>();

    KindTable(Supplier<? extends Collection<? extends Kind<?, ?>>> registered, ConditionWatch conditions, Store store) {
        this.registered = registered;
        this.conditions = conditions;
        this.store = store;
    }

    Collection<? extends Kind<?, ?>> all() {
        return registered.get();
    }

    /** Which one does the works of that name here; null if none does. */
    @Nullable
    Kind<?, ?> of(String task) {
        for (Kind<?, ?> kind : all()) {
            if (!kind.isDoneHere()) continue;
            for (String name : kind.tasks()) if (name.equals(task)) return kind;
        }
        return null;
    }

    /** The names that this program can read. */
    List<String> known() {
        var names = new ArrayList<String>();
        for (Kind<?, ?> kind : all()) kind.tasks().forEach(names::add);
        return names;
    }

    /** The names of works that may be claimed now: done here, and worth a try. */
    List<String> claimable() {
        var names = new ArrayList<String>();
        for (Kind<?, ?> kind : all()) {
            if (isClaimable(kind)) kind.tasks().forEach(names::add);
        }
        return names;
    }

    /** Whether that is one of {@link #claimable} for which no condition has to be asked. */
    boolean isClaimableAtOnce(String task) {
        Kind<?, ?> kind = of(task);
        return kind != null && kind.condition() == null && isClaimable(kind);
    }

    private boolean isClaimable(Kind<?, ?> kind) {
        if (!kind.isDoneHere() || isResting(kind)) return false;
        Condition condition = kind.condition();
        return condition == null || conditions.isWorthATry(condition);
    }

    /** Leaves works of that kind to others for so long. */
    void rest(Kind<?, ?> kind, long millis) {
        resting.put(kind.name(), store.now() + millis);
    }

    private boolean isResting(Kind<?, ?> kind) {
        if (resting.isEmpty()) return false;
        Long until = resting.get(kind.name());
        if (until == null) return false;
        if (store.now() < until) return true;
        resting.remove(kind.name(), until);
        return false;
    }

    /** The conditions of all kinds that are done here. */
    Collection<Condition> conditionsHere() {
        var found = new ArrayList<Condition>();
        for (Kind<?, ?> kind : all()) {
            Condition condition = kind.isDoneHere() ? kind.condition() : null;
            if (condition != null) found.add(condition);
        }
        return found;
    }
}
