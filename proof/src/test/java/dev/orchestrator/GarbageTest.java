package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * P10: after many jobs of every kind, and many orchestrators that were closed, the heap is what it was before; counted object
 * by object with the histogram of the JVM, which collects all garbage first.
 *
 * <p>100,000 jobs; {@code -Dproof=long} runs a million.
 */
class GarbageTest {
    private static final boolean IS_LONG = "long".equals(System.getProperty("proof"));
    private static final int JOBS = IS_LONG ? 1_000_000 : 100_000;
    private static final int BATCH = 1_000;
    private static final int ORCHESTRATORS = 10_000;
    private static final long TOLERATED_BYTES = 2_000_000; // classes, compiled code's constants, pools

    /** What there is of each run, and of nothing else. */
    private static final List<String> OF_RUNS = List.of(
            "JobRun",
            "SharedRun",
            "JoinedRun",
            "RunAttempt",
            "RunOutbox",
            "RunHandle",
            "RunProgress",
            "OnCancel",
            "ChildRuns",
            "GarbageTest$Work",
            "GarbageTest$Part",
            "GarbageTest$Hang",
            "JobSuccessEvent",
            "JobFailureEvent");

    /** What there is of each orchestrator, and of nothing else. */
    private static final List<String> OF_ORCHESTRATORS =
            List.of("GarbageTest$Counter", "Inbox", "Lane", "StateCell", "StatePublisher", "HandlerTable");

    record Work(int number) implements Job<Integer> {}

    record Part(int number) implements Job<Integer> {}

    record Hang(int number) implements Job<Integer> {}

    record Said(int number) implements Event {}

    private static final class Counter extends BaseOrchestrator<Integer> {
        Counter(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
            on(Work.class).ended((job, result) -> update(count -> count + 1));
            observe(Said.class, said -> update(count -> count + said.number()));
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Semaphore hangs = new Semaphore(0);

    GarbageTest() {
        dispatcher.register(Work.class, (job, context) -> {
            context.progress(0.5);
            switch (job.number() % 4) {
                case 0 -> throw new IllegalStateException("on purpose");
                case 1 -> {
                    if (context.attempt() == 1) throw new IOException("once");
                }
                case 2 -> context.dispatch(new Part(1)).await(Duration.ofMinutes(1));
                default -> context.emit(new Said(0));
            }
            return job.number();
        });
        dispatcher.register(Part.class, (job, context) -> 1);
        dispatcher.registerAsync(Hang.class, (job, context) -> {
            hangs.release();
            return new CompletableFuture<>();
        });
    }

    @AfterEach
    void close() {
        dispatcher.close();
        bus.close();
    }

    private void runJobs(Counter counter, int jobs) throws Exception {
        var retried = JobOptions.builder()
                .retry(RetryPolicy.fixed(2, Duration.ofSeconds(1)).retryOn(IOException.class))
                .build();
        var limited = JobOptions.builder().timeout(Duration.ofSeconds(1)).build();
        var joining = JobOptions.builder().joinRunning("key").build();
        for (int from = 0; from < jobs; from += BATCH) {
            var endings = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < BATCH; i++) {
                JobHandle<Integer> handle = switch (i % 8) {
                    case 0 -> dispatcher.dispatch(new Hang(i), limited);
                    case 1 -> counter.dispatch(new Hang(i));
                    case 2 -> counter.dispatch(new Part(i), joining);
                    default -> counter.dispatch(new Work(i), retried);
                };
                if (i % 8 == 1) handle.cancel("on purpose");
                endings.add(handle.result().toCompletableFuture());
            }
            var all = CompletableFuture.allOf(endings.toArray(CompletableFuture[]::new));
            while (!all.isDone()) {
                time.advance(Duration.ofSeconds(1));
                Thread.yield();
            }
        }
        counter.awaitIdle(Duration.ofSeconds(60));
    }

    @Test
    void of_jobs_that_ended_nothing_is_kept() throws Exception {
        try (var counter = new Counter(dispatcher, bus)) {
            runJobs(counter, 10 * BATCH);
            Map<String, long[]> before = histogramWithout(OF_RUNS);
            runJobs(counter, JOBS);
            Map<String, long[]> after = histogramWithout(OF_RUNS);
            assertThat(bytes(after) - bytes(before))
                    .as("what the heap has grown by")
                    .isLessThan(TOLERATED_BYTES);
            assertThat(time.pending()).isZero();
        }
    }

    @Test
    void of_orchestrators_that_were_closed_nothing_is_kept() throws Exception {
        openAndClose(ORCHESTRATORS / 10);
        Map<String, long[]> before = histogramWithout(OF_ORCHESTRATORS);
        openAndClose(ORCHESTRATORS);
        Map<String, long[]> after = histogramWithout(OF_ORCHESTRATORS);
        assertThat(bytes(after) - bytes(before))
                .as("what the heap has grown by")
                .isLessThan(TOLERATED_BYTES);
        assertThat(bus.subscribers()).isEmpty();
    }

    private void openAndClose(int orchestrators) throws Exception {
        for (int i = 0; i < orchestrators; i++) {
            try (var counter = new Counter(dispatcher, bus)) {
                counter.onState(state -> {});
                counter.dispatch(new Part(i));
                if (i % 100 == 0) bus.emit(new Said(1));
                counter.awaitIdle(Duration.ofSeconds(60));
            }
        }
    }

    @Test
    void what_is_kept_is_found() throws Exception {
        var handle = dispatcher.dispatch(
                new Hang(1), JobOptions.builder().joinRunning("key").build());
        try {
            hangs.acquire(); // it has its attempt
            var found = look();
            for (String name : List.of("SharedRun", "JoinedRun", "RunAttempt", "RunOutbox", "RunHandle"))
                assertThat(instances(found, "dev.orchestrator." + name))
                        .as(name)
                        .isPositive();
            assertThat(instances(found, Hang.class.getName())).isPositive();
        } finally {
            handle.cancel("the test is over"); // or the closing waits for a time that nobody moves on
        }
    }

    // ---- the heap ----

    /**
     * Instances and bytes by class, of what is reachable, once nothing of these types is any more.
     *
     * <p>Whoever is told that the last job or the last orchestrator has ended is told so by a thread that has yet to return
     * from there, and has its task on its stack until it is gone. So this looks until there is nothing; what is kept for
     * good is still there at the last look.
     */
    private static Map<String, long[]> histogramWithout(List<String> names) throws JMException {
        Map<String, long[]> last = look();
        for (int looks = 1; looks < 200 && !kept(last, names).isEmpty(); looks++) {
            Thread.yield();
            last = look();
        }
        assertThat(kept(last, names)).as("what is kept").isEmpty();
        return last;
    }

    private static Map<String, Long> kept(Map<String, long[]> histogram, List<String> names) {
        var kept = new TreeMap<String, Long>();
        for (String name : names) {
            long instances = instances(histogram, "dev.orchestrator." + name);
            if (instances > 0) kept.put(name, instances);
        }
        return kept;
    }

    private static Map<String, long[]> look() throws JMException {
        String text = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        var all = new HashMap<String, long[]>();
        for (String line : text.lines().toList()) {
            String[] fields = line.strip().split("\\s+");
            if (fields.length >= 4 && fields[0].endsWith(":") && fields[1].matches("\\d+"))
                all.put(fields[3], new long[] {Long.parseLong(fields[1]), Long.parseLong(fields[2])});
        }
        assertThat(all).containsKey("java.lang.String");
        return all;
    }

    private static long instances(Map<String, long[]> histogram, String type) {
        long[] found = histogram.get(type);
        return found == null ? 0 : found[0];
    }

    private static long bytes(Map<String, long[]> histogram) {
        return histogram.values().stream().mapToLong(each -> each[1]).sum();
    }
}
