package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Happened;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a thread is delivering: nested deliveries on one bus wait, on another they do not, and nothing stays behind. */
class RunningTest {
    private final SignalBus bus = SignalBus.scoped();
    private final List<String> order = new ArrayList<>();

    @Test
    void a_delivery_inside_one_on_the_same_bus_waits_for_it() {
        Running.deliver(bus, outer -> {
            Running.deliver(bus, inner -> order.add("inner"));
            order.add("outer");
        });
        assertThat(order).containsExactly("outer", "inner");
    }

    @Test
    void a_delivery_inside_one_on_another_bus_does_not_wait() {
        Running.deliver(bus, outer -> {
            Running.deliver(SignalBus.scoped(), inner -> order.add("inner"));
            order.add("outer");
        });
        assertThat(order).containsExactly("inner", "outer");
    }

    @Test
    void a_delivery_waits_for_one_on_the_same_bus_further_out() {
        Running.deliver(bus, outer -> {
            Running.deliver(SignalBus.scoped(), between -> {
                Running.deliver(bus, inner -> order.add("inner"));
                order.add("between");
            });
            order.add("outer");
        });
        assertThat(order).containsExactly("between", "outer", "inner");
    }

    @Test
    void what_a_lane_delivers_runs_at_once_and_what_it_emits_waits_for_the_delivery_around_it() {
        Running.deliver(bus, outer -> {
            Running.handle(bus, lane -> {
                Running.deliver(bus, effect -> order.add("effect"));
                order.add("lane");
            });
            order.add("outer");
        });
        assertThat(order).containsExactly("lane", "outer", "effect");
    }

    @Test
    void what_a_lane_emits_waits_for_the_delivery_around_it_although_another_bus_is_between() {
        Running.deliver(bus, outer -> {
            Running.deliver(
                    SignalBus.scoped(),
                    between -> Running.handle(bus, lane -> Running.deliver(bus, effect -> order.add("effect"))));
            order.add("outer");
        });
        assertThat(order).containsExactly("outer", "effect");
    }

    @Test
    void a_thread_knows_whether_it_is_inside_a_handler() {
        assertThat(Running.isInHandler()).isFalse();
        Running.deliver(bus, there -> assertThat(Running.isInHandler()).isTrue());
        assertThat(Running.isInHandler()).isFalse();
    }

    @Test
    void the_cause_of_an_emission_is_the_event_whose_handler_emitted_it() {
        var infos = new ArrayList<EventInfo>();
        bus.subscribeWithInfo(Happened.class, (event, info) -> {
            infos.add(info);
            if (event.number() < 2) bus.emit(new Happened(event.number() + 1));
        });
        bus.emit(new Happened(0));
        assertThat(infos).hasSize(3);
        assertThat(infos.get(0).causationId()).isNull();
        assertThat(infos.get(1).causationId()).isEqualTo(infos.get(0).id());
        assertThat(infos.get(2).causationId()).isEqualTo(infos.get(1).id());
    }

    @Test
    void a_delivery_on_another_bus_does_not_change_the_cause() {
        var infos = new ArrayList<EventInfo>();
        try (var other = SignalBus.scoped()) {
            other.subscribe(Happened.class, event -> {});
            bus.subscribeWithInfo(Happened.class, (event, info) -> {
                infos.add(info);
                if (event.number() == 1) return;
                other.emit(new Happened(7));
                bus.emit(new Happened(1));
            });
            bus.emit(new Happened(0));
        }
        assertThat(infos.get(1).causationId()).isEqualTo(infos.get(0).id());
    }
}
