package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.VirtualTime;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P10, P12: how much room there is for jobs follows how many are in flight, and each is found wherever it is. */
class PlacedRunsTest {
    private record Wait() implements Job<String> {}

    private record Quick() implements Job<String> {}

    // With a clock of its own the ids are of a source of their own, and follow each other.
    private final SignalBus bus = SignalBus.builder().time(new VirtualTime()).build();
    private final Dispatcher dispatcher =
            Dispatcher.builder().bus(bus).worker(Runnable::run).build();
    private final CompletableFuture<String> end = new CompletableFuture<>();

    PlacedRunsTest() {
        dispatcher.registerAsync(Wait.class, (job, context) -> end);
        dispatcher.register(Quick.class, (job, context) -> "done");
    }

    @AfterEach
    void close() {
        end.complete("the test is over");
        dispatcher.close();
        bus.close();
    }

    @Test
    void a_few_jobs_that_stay_long_are_passed_over_and_no_reason_to_grow() {
        int before = bus.runs().places();
        for (int i = 0; i < 5; i++) dispatcher.dispatch(new Wait());
        for (int i = 0; i < 10_000; i++) dispatcher.dispatch(new Quick());
        assertThat(bus.runs().kept()).isEqualTo(5);
        assertThat(bus.runs().places()).isEqualTo(before);
    }

    @Test
    void many_jobs_in_flight_get_more_room_and_each_is_found() {
        var ids = new ArrayList<String>();
        for (int i = 0; i < 10_000; i++) ids.add(dispatcher.dispatch(new Wait()).id());
        assertThat(bus.runs().places()).isGreaterThan(10_000 / 4);
        assertThat(ids).allSatisfy(id -> assertThat(bus.runs().find(id)).isNotNull());
        end.complete("done");
        assertThat(bus.runs().kept()).isZero();
        assertThat(ids).allSatisfy(id -> assertThat(bus.runs().find(id)).isNull());
    }
}
