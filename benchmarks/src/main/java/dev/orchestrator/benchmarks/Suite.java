package dev.orchestrator.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * Benchmarks that belong into one table for each of their parameters.
 *
 * @param title of its part of the report
 * @param about what is measured, in a sentence
 * @param include the benchmarks, as a regular expression
 * @param limits the peers that do nothing but the work: what can be reached
 * @param margins how far each of ours may be from them in a quick run: about 2.5 times what it was, and ten times where one
 *     thread hands over to another that sleeps, which costs the most different from run to run
 * @param few the parameters of a quick run
 */
record Suite(
        String title,
        String about,
        String include,
        Set<String> limits,
        List<Margin> margins,
        Map<String, String[]> few) {
    /** How many times the fastest limit of a table one of ours may take. */
    record Margin(String table, String who, double most) {}

    static final Suite EMIT = new Suite(
            "A. One event to n synchronous subscribers",
            "Time for one emission, until all subscribers have counted it.",
            "EmitBenchmark",
            Set.of("ARRAY_LOOP", "COPY_ON_WRITE_LOOP"),
            List.of(
                    new Margin("emit, subscribers = 1", "ORCHESTRATOR", 20),
                    new Margin("emit, subscribers = 100", "ORCHESTRATOR", 4)),
            Map.of("subscribers", new String[] {"1", "100"}));

    static final Suite CONCERNS_ONE = new Suite(
            "B. An event that concerns one of n subscribers",
            "Time for one event, until that one has counted it. Ours concerns a job of one of n orchestrators;"
                    + " with the class-based peers everybody is asked.",
            "ConcernsOneBenchmark",
            Set.of("DIRECT_REFERENCE", "HASH_LOOK_UP"),
            List.of(
                    new Margin("emit, subscribers = 1", "ORCHESTRATOR_SAME_THREAD", 250),
                    new Margin("emit, subscribers = 1", "ORCHESTRATOR", 5_000),
                    new Margin("emit, subscribers = 10000", "ORCHESTRATOR_SAME_THREAD", 320),
                    new Margin("emit, subscribers = 10000", "ORCHESTRATOR", 5_000)),
            Map.of("subscribers", new String[] {"1", "10000"}));

    static final Suite ROUND_TRIP = new Suite(
            "C. A trivial job there and back",
            "Time for one job, until its result was handled: 10,000 in flight, and one after the other. Only"
                    + " ours has ids, owners, a life cycle, events and state.",
            "RoundTripBenchmark",
            Set.of("VIRTUAL_THREAD", "VIRTUAL_THREAD_AND_MAILBOX"),
            List.of(
                    new Margin("inFlight", "ORCHESTRATOR", 12),
                    new Margin("inFlight", "ORCHESTRATOR_WITH_OPTIONS", 60),
                    new Margin("oneByOne", "ORCHESTRATOR", 100),
                    new Margin("oneByOne", "ORCHESTRATOR_WITH_OPTIONS", 100)),
            Map.of());

    static final Suite SUBMITTERS = new Suite(
            "C. The same, handed in by several threads",
            "Time for one of 10,000 jobs in flight, until its result was handled.",
            "SubmittersBenchmark",
            Set.of("VIRTUAL_THREAD", "VIRTUAL_THREAD_AND_MAILBOX"),
            List.of(new Margin("inFlight, submitters = 8, threads = PLATFORM", "ORCHESTRATOR", 30)),
            // Platform threads are taken off their core in the middle of whatever they do.
            Map.of("submitters", new String[] {"8"}, "threads", new String[] {"PLATFORM"}));

    static final Suite TIMERS = new Suite(
            "E. Time limits",
            "Scheduling and cancelling a timer that does not fire, with others pending.",
            "TimerBenchmark",
            Set.of("SCHEDULED_POOL", "NETTY_WHEEL"),
            List.of(
                    new Margin("eightThreads, pending = 1000", "ORCHESTRATOR", 3),
                    new Margin("eightThreads, pending = 1000000", "ORCHESTRATOR", 3),
                    new Margin("oneThread, pending = 1000", "ORCHESTRATOR", 3),
                    new Margin("oneThread, pending = 1000000", "ORCHESTRATOR", 3)),
            Map.of("pending", new String[] {"1000", "1000000"}));

    static final Suite SMALL_THINGS = new Suite(
            "E. Progress, state, refusals",
            "One report of a job, one update of a state, one dispatch that is refused; beside a compare-and-set.",
            "SmallThingsBenchmark",
            Set.of("compareAndSet"),
            List.of(
                    new Margin("", "progress", 3),
                    new Margin("", "update", 5),
                    new Margin("", "refusedUnknown", 550),
                    new Margin("", "refusedDuplicate", 630),
                    new Margin("", "refusedAtLimit", 1_500)),
            Map.of());

    /** Those of JMH. */
    static final List<Suite> ALL = List.of(EMIT, CONCERNS_ONE, ROUND_TRIP, SUBMITTERS, TIMERS, SMALL_THINGS);

    /** Not of JMH: each row is a process of {@link InFlight}. */
    static final Suite IN_FLIGHT = new Suite(
            "D. Jobs in flight at once",
            "Bytes of the heap for each, and time to start and to release it.",
            "InFlight",
            Set.of("VIRTUAL_THREADS"),
            List.of(
                    new Margin("bytes, -XX:+UseG1GC", "ORCHESTRATOR_BLOCKING", 8),
                    new Margin("bytes, -XX:+UseG1GC", "ORCHESTRATOR_ASYNC", 3.5),
                    new Margin("bytes, -XX:+UseG1GC", "ORCHESTRATOR_BLOCKING_WITH_TIMEOUT", 10)),
            Map.of());

    Set<String> ours() {
        return margins.stream().map(Margin::who).collect(Collectors.toSet());
    }

    /** Whether a process needs five seconds until its threads run what is compiled for good. */
    boolean warmsUpSlowly() {
        return include.equals(ROUND_TRIP.include) || include.equals(SUBMITTERS.include);
    }

    Suite on(Jdk jdk) {
        return new Suite(title + ", JDK " + jdk.version(), about, include, limits, margins, few);
    }

    void restrict(ChainedOptionsBuilder options) {
        few.forEach(options::param);
    }
}
