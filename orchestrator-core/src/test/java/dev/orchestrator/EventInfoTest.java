package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What the bus knows of an event: its own number, whose job it belongs to, what caused it, when. */
class EventInfoTest {
    record First() implements Event {}

    record Second() implements Event {}

    record Work() implements Job<String> {}

    static final class OfJob extends BaseEvent {
        OfJob(String id) {
            super(id, Instant.EPOCH.plusSeconds(7));
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final List<EventInfo> infos = new CopyOnWriteArrayList<>();

    @Test
    void an_event_of_nobody_has_a_number_and_a_time_only() {
        bus.subscribeWithInfo(First.class, (event, info) -> infos.add(info));
        time.advance(Duration.ofSeconds(3));
        bus.emit(new First());
        assertThat(infos).singleElement().satisfies(info -> {
            assertThat(info.id()).isPositive();
            assertThat(info.correlationId()).isNull();
            assertThat(info.causationId()).isNull();
            assertThat(info.time()).isEqualTo(Instant.EPOCH.plusSeconds(3));
        });
    }

    @Test
    void all_handlers_of_an_event_see_the_same_info() {
        for (int i = 0; i < 3; i++) bus.subscribeWithInfo(First.class, (event, info) -> infos.add(info));
        bus.emit(new First());
        assertThat(infos).hasSize(3).containsOnly(infos.get(0));
    }

    @Test
    void two_events_have_two_numbers() {
        bus.subscribeWithInfo(First.class, (event, info) -> infos.add(info));
        bus.emit(new First());
        bus.emit(new First());
        assertThat(infos).extracting(EventInfo::id).doesNotHaveDuplicates();
    }

    @Test
    void an_event_emitted_in_a_handler_names_its_cause() {
        bus.subscribe(First.class, event -> bus.emit(new Second()));
        bus.subscribeWithInfo(First.class, (event, info) -> infos.add(info));
        bus.subscribeWithInfo(Second.class, (event, info) -> infos.add(info));
        bus.emit(new First());
        assertThat(infos.get(1).causationId()).isEqualTo(infos.get(0).id());
    }

    @Test
    void the_cause_is_known_also_if_nobody_wanted_its_info() {
        bus.subscribe(First.class, event -> bus.emit(new Second()));
        bus.subscribeWithInfo(Second.class, (event, info) -> infos.add(info));
        bus.emit(new First());
        assertThat(infos.get(0).causationId())
                .isNotNull()
                .isNotEqualTo(infos.get(0).id());
    }

    @Test
    void an_event_on_another_bus_is_no_cause_here() {
        var other = SignalBus.scoped();
        bus.subscribe(First.class, event -> other.emit(new Second()));
        other.subscribeWithInfo(Second.class, (event, info) -> infos.add(info));
        bus.emit(new First());
        assertThat(infos.get(0).causationId()).isNull();
    }

    @Test
    void an_event_that_carries_a_correlation_id_and_a_time_keeps_them() {
        bus.subscribeWithInfo(OfJob.class, (event, info) -> infos.add(info));
        bus.emit(new OfJob("job-1"));
        assertThat(infos.get(0).correlationId()).isEqualTo("job-1");
        assertThat(infos.get(0).time()).isEqualTo(Instant.EPOCH.plusSeconds(7));
    }

    @Test
    void the_events_of_a_job_name_the_event_whose_handler_dispatched_it() throws Exception {
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new Second());
            return "done";
        });
        var handles = new ArrayList<JobHandle<String>>();
        Map<Class<?>, EventInfo> byType = new ConcurrentHashMap<>();
        bus.subscribeWithInfo(Event.class, (event, info) -> byType.put(event.getClass(), info));
        bus.subscribe(First.class, event -> handles.add(dispatcher.dispatch(new Work())));
        bus.emit(new First());
        handles.get(0).await(Duration.ofSeconds(10));
        dispatcher.close();
        long cause = byType.get(First.class).id();
        assertThat(byType).containsKeys(JobStartedEvent.class, Second.class, JobSuccessEvent.class);
        for (var type : List.of(JobStartedEvent.class, Second.class, JobSuccessEvent.class)) {
            assertThat(byType.get(type).causationId()).isEqualTo(cause);
            assertThat(byType.get(type).correlationId())
                    .isEqualTo(handles.get(0).id());
        }
    }
}
