package dev.orchestrator.benchmarks;

import dev.orchestrator.BaseEvent;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/**
 * How the cost of an event and of a job grows with what else there is; one process, medians of nine batches.
 */
final class Growth {
    private static final int BATCHES = 9;
    private static final long LEAST_NANOS = 40_000_000; // of a batch

    private record Work(int number) implements Job<Integer> {}

    private record Wait() implements Job<Void> {}

    private static final class About extends BaseEvent {
        About(String id) {
            super(id);
        }
    }

    private static final class Owner extends BaseOrchestrator<Integer> {
        private final Finish finish;

        Owner(Dispatcher dispatcher, SignalBus bus, Finish finish) {
            super(0, dispatcher, bus);
            this.finish = finish;
            on(Work.class).success((job, result) -> finish.handled(result, job.number()));
        }

        @Override
        protected void onActiveEvent(Event event) {
            finish.handled(0, 0);
        }

        void work(int number) {
            dispatch(new Work(number));
        }

        String waitForever() {
            return dispatch(new Wait()).id();
        }
    }

    /** Something that is done many times, and what it needs. */
    private record Measured(int operations, Runnable batch, Runnable end) {}

    private Growth() {}

    /** Writes a table, and a picture beside it. */
    static void measureAll(Path table) throws IOException {
        var report = new Report();
        report.line("# Growth\n\n" + Machine.describe() + "\n");
        var chart = new Chart("how many", "ns for each");
        measure(report, chart, "an event for the owner of a job, by orchestrators", 100_000, Growth::eventByOwners);
        measure(report, chart, "a job, by orchestrators", 100_000, Growth::jobByOwners);
        measure(report, chart, "an event, by subscribers of other types", 10_000, Growth::eventByOtherTypes);
        measure(report, chart, "a job, by jobs in flight", 1_000_000, Growth::jobByJobsInFlight);
        measure(report, chart, "a job, by registered executors", 10_000, Growth::jobByExecutors);
        Files.writeString(table, report.toString());
        Path picture = chart.writeBeside(table);
        System.out.println("the report is in " + table + ", the curves are in " + picture);
    }

    private static void measure(Report report, Chart chart, String name, int most, IntFunction<Measured> world) {
        var points = new ArrayList<Chart.Point>();
        var sizes = new ArrayList<String>();
        var costs = new ArrayList<String>();
        measureOnce(world.apply(1)); // warms up
        for (int size = 1; size <= most; size *= 10) {
            double nanos = measureOnce(world.apply(size));
            points.add(new Chart.Point(size, nanos));
            sizes.add(Report.number(size));
            costs.add(Report.number(nanos));
        }
        chart.add(name, points);
        report.line("| " + name + " | " + String.join(" | ", sizes) + " |\n" + "| --- ".repeat(sizes.size() + 1)
                + "|\n| ns for each | " + String.join(" | ", costs) + " |\n");
    }

    private static double measureOnce(Measured measured) {
        var nanos = new double[BATCHES];
        for (int i = -2; i < BATCHES; i++) { // the first two warm up
            long begin = System.nanoTime();
            long times = 0;
            long passed;
            do {
                measured.batch().run();
                times++;
                passed = System.nanoTime() - begin;
            } while (passed < LEAST_NANOS);
            if (i >= 0) nanos[i] = (double) passed / times / measured.operations();
        }
        measured.end().run();
        Arrays.sort(nanos);
        return nanos[BATCHES / 2];
    }

    // ---- what is measured ----

    private static Measured eventByOwners(int owners) {
        var bus = SignalBus.scoped();
        var dispatcher = Dispatcher.create(bus);
        dispatcher.registerAsync(Wait.class, (job, context) -> new CompletableFuture<Void>());
        var finish = new Finish();
        var ids = new String[owners];
        for (int i = 0; i < owners; i++) ids[i] = new Owner(dispatcher, bus, finish).waitForever();
        int[] order = order(owners);
        return new Measured(
                order.length,
                () -> {
                    finish.expect(order.length);
                    for (int number : order) bus.emit(new About(ids[number]));
                    finish.await();
                },
                () -> close(dispatcher, bus));
    }

    private static Measured jobByOwners(int owners) {
        var bus = SignalBus.scoped();
        var dispatcher = workingDispatcher(bus);
        var finish = new Finish();
        List<Owner> all = new ArrayList<>();
        for (int i = 0; i < owners; i++) all.add(new Owner(dispatcher, bus, finish));
        return jobs(dispatcher, bus, finish, all);
    }

    private static Measured eventByOtherTypes(int types) {
        var bus = SignalBus.scoped();
        var counter = new Counter(Counter.ALL);
        bus.subscribe(Happened.class, counter::on);
        for (int i = 0; i < types; i++) bus.subscribe(newType(Event.class), event -> {});
        var event = new Happened(1);
        return new Measured(
                1_000,
                () -> {
                    for (int i = 0; i < 1_000; i++) bus.emit(event);
                },
                bus::close);
    }

    private static Measured jobByJobsInFlight(int jobs) {
        var bus = SignalBus.scoped();
        var dispatcher = workingDispatcher(bus);
        dispatcher.registerAsync(Wait.class, (job, context) -> new CompletableFuture<Void>());
        var finish = new Finish();
        for (int i = 0; i < jobs; i++) dispatcher.dispatch(new Wait());
        return jobs(dispatcher, bus, finish, List.of(new Owner(dispatcher, bus, finish)));
    }

    @SuppressWarnings("unchecked")
    private static Measured jobByExecutors(int executors) {
        var bus = SignalBus.scoped();
        var dispatcher = workingDispatcher(bus);
        for (int i = 0; i < executors; i++)
            dispatcher.register((Class<? extends Job<Object>>) newType(Job.class), (job, context) -> "never");
        var finish = new Finish();
        return jobs(dispatcher, bus, finish, List.of(new Owner(dispatcher, bus, finish)));
    }

    private static Dispatcher workingDispatcher(SignalBus bus) {
        var dispatcher = Dispatcher.create(bus);
        dispatcher.register(Work.class, (job, context) -> job.number());
        return dispatcher;
    }

    private static Measured jobs(Dispatcher dispatcher, SignalBus bus, Finish finish, List<Owner> owners) {
        int[] order = order(owners.size());
        owners.forEach(Owner::start);
        return new Measured(
                order.length,
                () -> {
                    finish.expect(order.length);
                    for (int number : order) owners.get(number).work(number);
                    finish.await();
                },
                () -> close(dispatcher, bus));
    }

    private static int[] order(int among) {
        return new SplittableRandom(1).ints(1_000, 0, among).toArray();
    }

    private static void close(Dispatcher dispatcher, SignalBus bus) {
        dispatcher.close();
        bus.close();
    }

    /** A class that nobody else has: one is made for each class loader. */
    @SuppressWarnings("unchecked")
    private static <T> Class<? extends T> newType(Class<T> kind) {
        var loader = new URLClassLoader(new URL[0], kind.getClassLoader());
        return (Class<? extends T>)
                Proxy.newProxyInstance(loader, new Class<?>[] {kind}, (self, method, values) -> null)
                        .getClass();
    }
}
