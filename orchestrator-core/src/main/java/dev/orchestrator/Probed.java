package dev.orchestrator;

import dev.orchestrator.spi.OrchestratorControl;
import dev.orchestrator.spi.Probe;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The probe of a scope behind the wall, or none; without one nothing is made for it. */
final class Probed {
    private final @Nullable Probe probe;
    private final UserCode wall;

    Probed(@Nullable Probe probe, UserCode wall) {
        this.probe = probe;
        this.wall = wall;
    }

    boolean isThere() {
        return probe != null;
    }

    void accepted(JobRun<?> run) {
        if (probe != null) tell(each -> each.accepted(run.snapshot()));
    }

    void refused(Job<?> job, Throwable why) {
        if (probe != null) tell(each -> each.refused(job, why));
    }

    void opened(OrchestratorControl orchestrator) {
        if (probe != null) tell(each -> each.opened(orchestrator));
    }

    void stateChanged(OrchestratorControl orchestrator, Object before, Object after) {
        if (probe != null) tell(each -> each.stateChanged(orchestrator, before, after));
    }

    void closed(OrchestratorControl orchestrator) {
        if (probe != null) tell(each -> each.closed(orchestrator));
    }

    private void tell(Consumer<Probe> call) {
        Probe known = probe;
        if (known != null) wall.run("the probe " + known.getClass().getName(), () -> call.accept(known));
    }
}
