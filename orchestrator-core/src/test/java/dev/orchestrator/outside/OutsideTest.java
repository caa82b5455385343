package dev.orchestrator.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.DrivenType;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import java.time.Duration;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A user in a package of his own needs exported types and public members only. */
class OutsideTest {
    record Square(int n) implements Job<Integer> {}

    record Squared(int n) implements Event {}

    static final class Summing extends BaseOrchestrator<Integer> {
        Summing(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Square.class)
                    .success((job, square) -> update(sum -> sum + square))
                    .ended((job, result) -> {
                        if (result instanceof JobResult.Success<Integer>(Integer square)) signal(new Squared(square));
                    });
        }

        void square(int n) {
            dispatch(new Square(n));
        }
    }

    @Test
    void a_whole_flow_needs_exported_types_only() throws Exception {
        var heard = new CopyOnWriteArrayList<Squared>();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.register(Square.class, (job, context) -> job.n() * job.n());
            try (var subscription = bus.subscribe(Squared.class, heard::add);
                    var summing = new Summing(dispatcher, bus)) {
                summing.square(2);
                summing.square(3);
                summing.awaitIdle(Duration.ofSeconds(10));
                assertThat(summing.state()).isEqualTo(13);
                assertThat(subscription).isNotNull();
            }
            assertThat(heard).containsExactlyInAnyOrder(new Squared(4), new Squared(9));
        }
    }

    /** Has squares made by somebody else, and kept for those who ask again. */
    static final class Elsewhere implements JobDriver<Square, Integer> {
        final CopyOnWriteArrayList<String> asked = new CopyOnWriteArrayList<>();

        @Override
        public void start(Square job, JobControl<Integer> control) {
            control.onStop(control::cancelled);
            asked.add(control.ownerName().orElse("nobody"));
            control.started();
            control.succeed(job.n() * job.n());
        }

        @Override
        public void adopt(Square job, JobControl<Integer> control) {
            asked.add("again " + control.id());
            control.succeed(job.n() * job.n());
        }
    }

    @Test
    void jobs_can_be_driven_with_exported_types_only() throws Exception {
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus)) {
            var elsewhere = new Elsewhere();
            try (DrivenType<Square, Integer> driven = dispatcher.drive(Square.class, elsewhere, JobOptions.none());
                    var summing = new Summing(dispatcher, bus)) {
                summing.square(2);
                summing.adopt(new Square(3), "square-3", JobOptions.none());
                summing.awaitIdle(Duration.ofSeconds(10));
                assertThat(summing.state()).isEqualTo(13);
                assertThat(elsewhere.asked).containsExactly(summing.name(), "again square-3");
                assertThat(driven.settle(new Square(2), JobOptions.none())).isEqualTo(JobOptions.none());
            }
        }
    }
}
