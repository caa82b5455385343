package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.spi.Time;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.RecordedEvents;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every event knows what caused it, along chains, jobs, lanes and buses; and its info is made only when wanted. */
class CausesTest {
    private record Cause(int number) implements Event {}

    private record Effect(int number) implements Event {}

    private record Work(boolean withChild) implements Job<String> {}

    private record Sleep(Gate gate) implements Job<String> {}

    private static final class Note extends BaseEvent {
        Note(String id, Instant time) {
            super(id, time);
        }
    }

    private record Seen(Event event, EventInfo info) {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    /** Answers events with events and jobs. */
    private static final class Answering extends BaseOrchestrator<Integer> {
        final List<Seen> seen = new CopyOnWriteArrayList<>();

        Answering(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            observeWithInfo(Cause.class, (event, info) -> seen.add(new Seen(event, info)));
            observe(Cause.class, event -> {
                signal(new Effect(event.number()));
                if (event.number() < 0) dispatch(new Work(true));
            });
            on(Work.class).success((job, result) -> signal(new Effect(1_000)));
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final RecordedEvents events = new RecordedEvents();

    {
        dispatcher.register(Work.class, (job, context) -> {
            context.emit(new Effect(500));
            context.progress(0.5);
            if (job.withChild()) context.dispatch(new Work(false)).await(LONG);
            return "done";
        });
        dispatcher.register(Sleep.class, (job, context) -> job.gate().pass("woke up"));
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private void recordAll() {
        bus.subscribeWithInfo(Event.class, (event, info) -> seen.add(new Seen(event, info)));
        bus.subscribe(Event.class, events); // behind the other: what it has, the other has
    }

    private Seen theOne(Class<? extends Event> type) {
        assertThat(seen).filteredOn(each -> type.isInstance(each.event())).hasSize(1);
        return seen.stream()
                .filter(each -> type.isInstance(each.event()))
                .findFirst()
                .orElseThrow();
    }

    // ---- what is in it ----

    @Test
    void every_event_of_a_job_has_the_jobs_id_and_the_time_of_the_bus() throws Exception {
        time.advance(Duration.ofSeconds(7));
        recordAll();
        JobHandle<String> handle = dispatcher.dispatch(new Work(false));
        events.awaitTerminalOf(handle.id());
        assertThat(seen).hasSize(4);
        assertThat(seen).extracting(each -> each.info().correlationId()).containsOnly(handle.id());
        assertThat(seen).extracting(each -> each.info().time()).containsOnly(Instant.EPOCH.plusSeconds(7));
        assertThat(seen).extracting(each -> each.info().causationId()).containsOnlyNulls();
    }

    @Test
    void every_event_has_a_number_of_its_own_whatever_thread_emits_it() throws Exception {
        recordAll();
        var threads = new ArrayList<Thread>();
        for (int t = 0; t < 4; t++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int i = 0; i < 1_000; i++) bus.emit(new Cause(i));
            }));
        }
        for (Thread thread : threads) thread.join();
        var numbers = new HashSet<Long>();
        seen.forEach(each -> numbers.add(each.info().id()));
        assertThat(numbers).hasSize(4_000);
    }

    // ---- one for all, made when wanted ----

    @Test
    void all_who_want_it_get_the_same_one() throws Exception {
        recordAll();
        recordAll();
        try (var answering = new Answering(dispatcher, bus)) {
            bus.emit(new Cause(1));
            answering.awaitIdle(LONG);
            assertThat(seen).filteredOn(each -> each.event() instanceof Cause).hasSize(2);
            EventInfo first = seen.getFirst().info();
            assertThat(seen.get(1).info()).isSameAs(first);
            assertThat(answering.seen.getFirst().info()).isSameAs(first);
        }
    }

    @Test
    void nobody_reads_the_clock_or_counts_an_event_whose_info_nobody_wants() {
        var clock = new CountingClock();
        try (var own = SignalBus.builder().time(clock).build()) {
            var plain = new AtomicInteger();
            own.subscribe(Cause.class, event -> plain.incrementAndGet());
            int before = clock.reads.get();
            for (int i = 0; i < 100; i++) own.emit(new Cause(i));
            assertThat(plain).hasValue(100);
            assertThat(clock.reads).hasValue(before);
            var infos = new ArrayList<EventInfo>();
            own.subscribeWithInfo(Cause.class, (event, info) -> infos.add(info));
            own.emit(new Cause(1));
            assertThat(infos.getFirst().id())
                    .as("the first number that was ever given")
                    .isEqualTo(1);
            assertThat(clock.reads).hasValue(before + 1);
        }
    }

    // ---- causes ----

    @Test
    void a_chain_of_emissions_is_a_chain_of_causes() {
        recordAll();
        bus.subscribe(Effect.class, event -> {
            if (event.number() < 5) bus.emit(new Effect(event.number() + 1));
        });
        bus.emit(new Effect(0));
        assertThat(seen).hasSize(6);
        assertThat(seen.getFirst().info().causationId()).isNull();
        for (int i = 1; i < seen.size(); i++) {
            assertThat(seen.get(i).info().causationId())
                    .isEqualTo(seen.get(i - 1).info().id());
        }
    }

    @Test
    void what_an_orchestrators_handler_emits_is_caused_by_what_it_handles() throws Exception {
        recordAll();
        try (var answering = new Answering(dispatcher, bus)) {
            bus.emit(new Cause(1));
            answering.awaitIdle(LONG);
            bus.emit(new Cause(2));
            answering.awaitIdle(LONG);
        }
        assertThat(seen)
                .extracting(each -> each.event().toString())
                .containsExactly("Cause[number=1]", "Effect[number=1]", "Cause[number=2]", "Effect[number=2]");
        assertThat(seen.get(1).info().causationId())
                .isEqualTo(seen.get(0).info().id());
        assertThat(seen.get(3).info().causationId())
                .isEqualTo(seen.get(2).info().id());
    }

    @Test
    void a_job_that_a_handler_dispatched_and_its_children_are_caused_by_what_it_handled() throws Exception {
        recordAll();
        try (var answering = new Answering(dispatcher, bus)) {
            answering.start();
            bus.emit(new Cause(-1));
            for (var job : List.of(new Work(true), new Work(false))) {
                events.await(event ->
                        event instanceof JobSuccessEvent<?> end && end.job().equals(job));
            }
            answering.awaitIdle(LONG);
        }
        long cause = theOne(Cause.class).info().id();
        List<Seen> ofJobs = seen.stream()
                .filter(each -> each.info().correlationId() != null)
                .toList();
        assertThat(ofJobs).hasSize(8).allMatch(each -> each.info().causationId() == cause);
        Seen ending = ofJobs.stream()
                .filter(each -> each.event() instanceof JobSuccessEvent<?> end
                        && end.job().equals(new Work(true)))
                .findFirst()
                .orElseThrow();
        assertThat(seen)
                .filteredOn(each -> each.event().equals(new Effect(1_000)))
                .extracting(each -> each.info().causationId())
                .contains(ending.info().id());
    }

    @Test
    void an_event_that_a_handler_emits_for_a_running_job_is_caused_by_what_it_handles() throws Exception {
        recordAll();
        var gate = new Gate();
        JobHandle<String> handle = dispatcher.dispatch(new Sleep(gate));
        gate.awaitArrival();
        bus.subscribe(Cause.class, event -> bus.emit(new Note(handle.id(), Instant.EPOCH)));
        bus.emit(new Cause(1));
        EventInfo info = theOne(Note.class).info();
        assertThat(info.causationId()).isEqualTo(theOne(Cause.class).info().id());
        assertThat(info.correlationId()).isEqualTo(handle.id());
        gate.open();
        handle.await(LONG);
    }

    @Test
    void after_a_handler_nothing_is_caused_by_it_any_more() {
        recordAll();
        bus.subscribe(Cause.class, event -> bus.emit(new Effect(1)));
        bus.emit(new Cause(1));
        bus.emit(new Effect(2));
        assertThat(seen.getLast().info().causationId()).isNull();
    }

    @Test
    void what_another_thread_emits_meanwhile_is_not_caused_by_the_handler() throws Exception {
        recordAll();
        var emitted = new CountDownLatch(1);
        bus.subscribe(Cause.class, event -> {
            Thread.ofPlatform().start(() -> {
                bus.emit(new Effect(1));
                emitted.countDown();
            });
            Gate.await(emitted, "the other thread did not emit");
        });
        bus.emit(new Cause(1));
        assertThat(theOne(Effect.class).info().causationId()).isNull();
    }

    @Test
    void a_way_over_another_bus_and_back_keeps_the_cause_on_the_first() {
        try (var other = SignalBus.scoped()) {
            recordAll();
            bus.subscribe(Cause.class, event -> other.emit(new Cause(2)));
            other.subscribe(Cause.class, event -> bus.emit(new Effect(3)));
            bus.emit(new Cause(1));
            assertThat(theOne(Effect.class).info().causationId())
                    .isEqualTo(theOne(Cause.class).info().id());
        }
    }

    /** A clock that counts who looks at it. */
    private static final class CountingClock implements Time {
        final AtomicInteger reads = new AtomicInteger();

        @Override
        public Instant now() {
            reads.incrementAndGet();
            return Instant.EPOCH;
        }

        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Timer schedule(Duration delay, Runnable task) {
            throw new AssertionError("nothing is scheduled here");
        }

        @Override
        public long random() {
            return 1;
        }
    }
}
