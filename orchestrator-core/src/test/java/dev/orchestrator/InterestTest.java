package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P12: an event costs what its owner and those who are interested in its type cost, and nobody else. */
class InterestTest {
    private interface Change extends Event {}

    private record Added(int number) implements Change {}

    private record Removed(int number) implements Change {}

    private record Unrelated() implements Event {}

    private static final class OfJob extends BaseEvent {
        OfJob(String id) {
            super(id);
        }
    }

    private record Work() implements Job<String> {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    /** Declares nothing: interested in nothing but its own jobs. */
    private static final class Idle extends BaseOrchestrator<Integer> {
        Idle(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(0, dispatcher, bus, lane);
        }
    }

    /** Interested in something that never happens. */
    private static final class Elsewhere extends BaseOrchestrator<Integer> {
        Elsewhere(Dispatcher dispatcher, SignalBus bus, ManualLane lane) {
            super(0, dispatcher, bus, lane);
            observe(Unrelated.class, event -> emit(1));
        }
    }

    private static class Observer extends BaseOrchestrator<Integer> {
        final List<String> seen = new CopyOnWriteArrayList<>();

        Observer(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            observe(Added.class, event -> seen.add("added " + event.number()));
            observe(Change.class, event -> seen.add("change"));
            observe(Event.class, event -> seen.add("event"));
        }
    }

    private static final class All extends BaseOrchestrator<Integer> {
        final List<Event> seen = new CopyOnWriteArrayList<>();

        All(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        @Override
        protected void onPassiveEvent(Event event) {
            seen.add(event);
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    {
        dispatcher.register(Work.class, InterestTest::work);
    }

    private static String work(Work job, JobContext context) {
        context.emit(new Added(1));
        context.progress(0.5);
        return "done";
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private int interestedIn(Class<? extends Event> type) {
        var who = bus.interest().of(type);
        return who.direct().length + who.queued().length;
    }

    // ---- ten thousand that do not care ----

    @Test
    void an_emit_calls_none_of_ten_thousand_orchestrators_that_are_not_interested() throws Exception {
        var lane = new ManualLane();
        var all = new ArrayList<BaseOrchestrator<?>>();
        for (int i = 0; i < 5_000; i++) {
            all.add(new Idle(dispatcher, bus, lane));
            all.add(new Elsewhere(dispatcher, bus, lane));
        }
        all.forEach(BaseOrchestrator::start);
        lane.runAll();
        var seen = new AtomicInteger();
        bus.subscribe(Added.class, event -> seen.incrementAndGet());
        for (int i = 0; i < 1_000; i++) bus.emit(new Added(i));
        dispatcher.run(new Work());
        assertThat(seen).hasValue(1_001);
        assertThat(interestedIn(Added.class)).isEqualTo(1);
        for (var type : List.of(JobStartedEvent.class, JobProgressEvent.class, JobSuccessEvent.class)) {
            assertThat(interestedIn(type)).as(type.getSimpleName()).isZero();
        }
        assertThat(interestedIn(Unrelated.class)).isEqualTo(5_000);
        assertThat(lane.waiting()).as("turns of orchestrators").isZero();
        all.forEach(BaseOrchestrator::close);
        assertThat(interestedIn(Unrelated.class)).isZero();
    }

    @Test
    void a_job_costs_the_others_nothing_though_ten_thousand_have_jobs_of_their_own() throws Exception {
        var lane = new ManualLane();
        var all = new ArrayList<Idle>();
        for (int i = 0; i < 10_000; i++) all.add(new Idle(dispatcher, bus, lane));
        all.forEach(BaseOrchestrator::start);
        lane.runAll();
        all.getFirst().dispatch(new Work()).await(LONG);
        assertThat(lane.waiting()).as("the owner's turn alone").isEqualTo(1);
        all.forEach(BaseOrchestrator::close);
    }

    @Test
    void one_that_nobody_has_asked_anything_is_offered_nothing_once_its_constructor_is_over() {
        var lane = new ManualLane();
        var all = new ArrayList<Idle>();
        for (int i = 0; i < 10_000; i++) all.add(new Idle(dispatcher, bus, lane));
        bus.emit(new Added(1));
        assertThat(interestedIn(Added.class)).isZero();
        all.forEach(BaseOrchestrator::close);
    }

    // ---- types ----

    @Test
    void one_that_observes_a_type_and_its_supertypes_gets_the_event_once_and_calls_all_handlers_in_order()
            throws Exception {
        try (var observer = new Observer(dispatcher, bus)) {
            bus.emit(new Added(7));
            assertThat(bus.interest().of(Added.class).queued()).hasSize(1);
            observer.awaitIdle(LONG);
            assertThat(observer.seen).containsExactly("added 7", "change", "event");
        }
    }

    @Test
    void interest_in_a_supertype_brings_every_subtype_and_nothing_else() {
        var changes = new ArrayList<Event>();
        var everything = new ArrayList<Event>();
        bus.subscribe(Change.class, changes::add);
        bus.subscribe(Event.class, everything::add);
        var events = List.of(new Added(1), new Unrelated(), new Removed(2), new OfJob("id"));
        events.forEach(bus::emit);
        assertThat(changes).isEqualTo(List.of(events.get(0), events.get(2)));
        assertThat(everything).isEqualTo(events);
    }

    @Test
    void a_type_that_was_emitted_before_anybody_cared_finds_who_cares_later() {
        bus.emit(new Added(1));
        var seen = new ArrayList<Change>();
        Subscription subscription = bus.subscribe(Change.class, seen::add);
        bus.emit(new Added(2));
        subscription.close();
        bus.emit(new Added(3));
        assertThat(seen).containsExactly(new Added(2));
        assertThat(interestedIn(Added.class)).isZero();
    }

    @Test
    void one_that_overrides_on_passive_event_gets_everything() throws Exception {
        try (var direct = Dispatcher.builder().bus(bus).worker(Runnable::run).build();
                var all = new All(direct, bus)) {
            direct.register(Work.class, InterestTest::work);
            bus.emit(new Added(1));
            bus.emit(new Unrelated());
            direct.run(new Work()); // on this thread, so everybody has its events when it returns
            all.awaitIdle(LONG);
            assertThat(all.seen.stream().map(event -> event.getClass().getSimpleName()))
                    .containsExactly(
                            "Added", "Unrelated", "JobStartedEvent", "Added", "JobProgressEvent", "JobSuccessEvent");
        }
    }

    @Test
    void many_types_of_events_are_told_apart() throws Exception {
        // More classes than the first table has places, and each with an interest of its own.
        List<Class<? extends Event>> types = List.of(
                Added.class,
                Removed.class,
                Unrelated.class,
                OfJob.class,
                new Event() {}.getClass(),
                new Event() {}.getClass(),
                new Change() {}.getClass(),
                new Change() {}.getClass(),
                new Event() {}.getClass(),
                new Event() {}.getClass(),
                JobStartedEvent.class,
                JobSuccessEvent.class);
        for (int i = 0; i < types.size(); i++) {
            for (int times = 0; times <= i; times++) bus.subscribe(types.get(i), event -> {});
        }
        for (int i = 0; i < types.size(); i++)
            assertThat(interestedIn(types.get(i))).isEqualTo(i + 1);
    }

    // ---- order, and changes while events are under way ----

    @Test
    void subscribers_are_called_in_the_order_in_which_they_subscribed_whatever_type_they_named() {
        var order = new ArrayList<String>();
        bus.subscribe(Event.class, event -> order.add("first"));
        Subscription second = bus.subscribe(Added.class, event -> order.add("second"));
        bus.subscribe(Change.class, event -> order.add("third"));
        bus.subscribeWithInfo(Event.class, (event, info) -> order.add("fourth"));
        bus.emit(new Added(1));
        second.close();
        bus.subscribe(Added.class, event -> order.add("fifth"));
        bus.emit(new Added(2));
        assertThat(order).containsExactly("first", "second", "third", "fourth", "first", "third", "fourth", "fifth");
    }

    @Test
    void the_same_handler_subscribed_twice_is_called_twice_and_closed_one_by_one() {
        var seen = new ArrayList<Event>();
        Subscription first = bus.subscribe(Added.class, seen::add);
        Subscription second = bus.subscribe(Added.class, seen::add);
        bus.emit(new Added(1));
        first.close();
        first.close();
        bus.emit(new Added(2));
        second.close();
        bus.emit(new Added(3));
        assertThat(seen).containsExactly(new Added(1), new Added(1), new Added(2));
    }

    @Test
    void a_subscriber_that_another_one_closes_during_a_delivery_is_not_called_any_more() {
        var seen = new ArrayList<Event>();
        var subscriptions = new ArrayList<Subscription>();
        bus.subscribe(Added.class, event -> subscriptions.getFirst().close());
        subscriptions.add(bus.subscribe(Added.class, seen::add));
        bus.emit(new Added(1));
        assertThat(seen).isEmpty();
    }

    @Test
    void nobody_who_stays_subscribed_misses_anything_while_others_come_and_go() throws Exception {
        int emitters = 4;
        int each = 5_000;
        var direct = new AtomicLong();
        var viaSupertype = new AtomicLong();
        bus.subscribe(Added.class, event -> direct.incrementAndGet());
        bus.subscribe(Event.class, event -> viaSupertype.incrementAndGet());
        var observer = new Counting(dispatcher, bus);
        observer.start();
        var together = new CyclicBarrier(emitters + 2);
        var running = new ArrayList<Thread>();
        for (int e = 0; e < emitters; e++) {
            running.add(Thread.ofPlatform().start(() -> {
                met(together);
                for (int i = 0; i < each; i++) bus.emit(new Added(i));
            }));
        }
        for (int c = 0; c < 2; c++) {
            running.add(Thread.ofPlatform().start(() -> {
                met(together);
                for (int i = 0; i < 500; i++) {
                    Class<? extends Event> type = i % 2 == 0 ? Change.class : Added.class;
                    Subscription passing = bus.subscribe(type, event -> {});
                    var passingBy = new Counting(dispatcher, bus);
                    passingBy.start();
                    passing.close();
                    passingBy.close();
                }
            }));
        }
        for (Thread thread : running) thread.join();
        observer.awaitIdle(LONG);
        assertThat(direct).hasValue((long) emitters * each);
        assertThat(viaSupertype).hasValue((long) emitters * each);
        assertThat(observer.state()).isEqualTo(emitters * each);
        observer.close();
        assertThat(bus.interest().of(Added.class).queued()).isEmpty();
    }

    private static final class Counting extends BaseOrchestrator<Integer> {
        Counting(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            observe(Change.class, event -> update(count -> count + 1));
        }
    }

    @Test
    void whoever_subscribed_sees_what_is_emitted_afterwards_on_whichever_thread() throws Exception {
        for (int round = 0; round < 500; round++) {
            var stop = new AtomicInteger();
            var other = Thread.ofPlatform().start(() -> {
                while (stop.get() == 0) bus.emit(new Removed(0)); // keeps working the table out anew
            });
            var seen = new AtomicInteger();
            Subscription subscription = bus.subscribe(Added.class, event -> seen.incrementAndGet());
            bus.emit(new Added(round));
            assertThat(seen).hasValue(1);
            subscription.close();
            bus.emit(new Added(round));
            assertThat(seen).hasValue(1);
            stop.set(1);
            other.join();
        }
    }

    private static void met(CyclicBarrier together) {
        try {
            together.await();
        } catch (Exception broken) {
            throw new AssertionError(broken);
        }
    }

    // ---- allocation ----

    @Test
    void an_emit_that_nobody_wants_the_info_of_allocates_nothing() throws Exception {
        var seen = new long[1];
        bus.subscribe(Added.class, event -> seen[0]++);
        bus.subscribe(Change.class, event -> seen[0]++);
        Event event = new Added(1);
        assertThat(allocatedBy(() -> bus.emit(event))).isZero();
        assertThat(seen[0]).isPositive();
    }

    @Test
    void an_emit_that_nobody_is_interested_in_allocates_nothing() throws Exception {
        Event plain = new Unrelated();
        Event ofJob = new OfJob("nobody's");
        assertThat(allocatedBy(() -> bus.emit(plain))).isZero();
        assertThat(allocatedBy(() -> bus.emit(ofJob))).isZero();
    }

    /** The bytes that this thread allocates in a thousand calls, after as many as it takes to warm up. */
    private static long allocatedBy(Runnable call) throws Exception {
        // By reflection: the module under test does not read the one of the management beans.
        Object bean = Class.forName("java.lang.management.ManagementFactory")
                .getMethod("getThreadMXBean")
                .invoke(null);
        var bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getThreadAllocatedBytes", long.class);
        long thread = Thread.currentThread().threadId();
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 50 && least > 0; round++) { // the compiler and the reflection warm up too
            long nothing = (long) bytes.invoke(bean, thread);
            nothing = (long) bytes.invoke(bean, thread) - nothing; // what measuring itself allocates
            long before = (long) bytes.invoke(bean, thread);
            for (int i = 0; i < 1_000; i++) call.run();
            least = Math.min(least, (long) bytes.invoke(bean, thread) - before - nothing);
        }
        return Math.max(0, least);
    }
}
