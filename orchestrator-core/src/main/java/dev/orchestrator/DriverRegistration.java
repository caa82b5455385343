package dev.orchestrator;

import dev.orchestrator.spi.AttemptReports;
import dev.orchestrator.spi.DrivenType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What whoever registers a driver gets. It needs no registration to make attempts at jobs that came before its end. */
final class DriverRegistration<J extends Job<R>, R extends @Nullable Object> implements DrivenType<J, R> {
    private final Acceptance acceptance;
    private final Route<R> route;
    private final Subscription entry;

    DriverRegistration(Acceptance acceptance, Route<R> route, Subscription entry) {
        this.acceptance = acceptance;
        this.route = route;
        this.entry = entry;
    }

    @Override
    public JobOptions settle(J job, JobOptions asked) {
        return Acceptance.settle(
                Objects.requireNonNull(job, "job"), Objects.requireNonNull(asked, "asked"), route.options());
    }

    @Override
    public JobHandle<R> attempt(
            J job,
            String id,
            JobExecutor<? super J, ? extends R> executor,
            SignalBus bus,
            JobOptions options,
            AttemptReports reports) {
        Route<R> once = Route.plain(route.dispatcher(), route.registeredType(), executor, JobOptions.NONE);
        return attempt(job, id, once, bus, options, reports);
    }

    @Override
    public JobHandle<R> attemptAsync(
            J job,
            String id,
            AsyncJobExecutor<? super J, ? extends R> executor,
            SignalBus bus,
            JobOptions options,
            AttemptReports reports) {
        Route<R> once = Route.async(route.dispatcher(), route.registeredType(), executor, JobOptions.NONE);
        return attempt(job, id, once, bus, options, reports);
    }

    private JobHandle<R> attempt(
            J job, String id, Route<R> once, SignalBus bus, JobOptions options, AttemptReports reports) {
        Objects.requireNonNull(job, "job");
        Objects.requireNonNull(bus, "bus");
        Objects.requireNonNull(options, "options");
        Objects.requireNonNull(reports, "reports");
        Ids.checked(id, "a job's id");
        return acceptance.attempt(job, id, once, bus, options.forDrivenAttempt(), reports);
    }

    @Override
    public void close() {
        entry.close();
    }
}
