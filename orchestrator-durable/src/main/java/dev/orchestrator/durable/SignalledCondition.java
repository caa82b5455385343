package dev.orchestrator.durable;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** A condition of the user's, who says when it may have changed: jobs that wait for it are looked at at once then. */
public final class SignalledCondition implements Condition {
    private final String name;
    private final BooleanSupplier holds;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    SignalledCondition(String name, BooleanSupplier holds) {
        this.name = Conditions.checkedName(name);
        this.holds = Objects.requireNonNull(holds, "holds");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean holds() {
        return holds.getAsBoolean();
    }

    @Override
    public void onChange(Runnable changed) {
        listeners.add(Objects.requireNonNull(changed, "changed"));
    }

    /** Says that it may have changed; may be called from any thread, however often, and does not wait for jobs. */
    public void changed() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public String toString() {
        return "condition '" + name + "'";
    }
}
