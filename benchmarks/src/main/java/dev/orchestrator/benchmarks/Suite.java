package dev.orchestrator.benchmarks;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;

/**
 * Benchmarks that belong into one table for each of their parameters.
 *
 * @param title of its part of the report
 * @param about what is measured, in a sentence
 * @param include the benchmarks, as a regular expression
 * @param limits the peers that do nothing but the work: what can be reached
 * @param ours those that are this project
 * @param few the parameters of a quick run
 */
record Suite(
        String title, String about, String include, Set<String> limits, Set<String> ours, Map<String, String[]> few) {
    static final List<Suite> ALL = List.of(
            new Suite(
                    "A. One event to n synchronous subscribers",
                    "Time for one emission, until all subscribers have counted it.",
                    "EmitBenchmark",
                    Set.of("ARRAY_LOOP", "COPY_ON_WRITE_LOOP"),
                    Set.of("ORCHESTRATOR"),
                    Map.of("subscribers", new String[] {"1", "100"})),
            new Suite(
                    "B. An event that concerns one of n subscribers",
                    "Time for one event, until that one has counted it. Ours concerns a job of one of n orchestrators;"
                            + " with the class-based peers everybody is asked.",
                    "ConcernsOneBenchmark",
                    Set.of("DIRECT_REFERENCE", "HASH_LOOK_UP"),
                    Set.of("ORCHESTRATOR", "ORCHESTRATOR_SAME_THREAD"),
                    Map.of("subscribers", new String[] {"1", "10000"})),
            new Suite(
                    "C. A trivial job there and back",
                    "Time for one job, until its result was handled: 10,000 in flight, and one after the other. Only"
                            + " ours has ids, owners, a life cycle, events and state.",
                    "RoundTripBenchmark",
                    Set.of("VIRTUAL_THREAD", "VIRTUAL_THREAD_AND_MAILBOX"),
                    Set.of("ORCHESTRATOR", "ORCHESTRATOR_WITH_OPTIONS"),
                    Map.of()),
            new Suite(
                    "C. The same, handed in by several threads",
                    "Time for one of 10,000 jobs in flight, until its result was handled.",
                    "SubmittersBenchmark",
                    Set.of("VIRTUAL_THREAD", "VIRTUAL_THREAD_AND_MAILBOX"),
                    Set.of("ORCHESTRATOR"),
                    // Platform threads are taken off their core in the middle of whatever they do.
                    Map.of("submitters", new String[] {"8"}, "threads", new String[] {"PLATFORM"})),
            new Suite(
                    "E. Time limits",
                    "Scheduling and cancelling a timer that does not fire, with others pending.",
                    "TimerBenchmark",
                    Set.of("SCHEDULED_POOL", "NETTY_WHEEL"),
                    Set.of("ORCHESTRATOR"),
                    Map.of("pending", new String[] {"1000", "1000000"})),
            new Suite(
                    "E. Progress, state, refusals",
                    "One report of a job, one update of a state, one dispatch that is refused; beside a"
                            + " compare-and-set.",
                    "SmallThingsBenchmark",
                    Set.of("compareAndSet"),
                    Set.of("progress", "update", "refusedUnknown", "refusedAtLimit", "refusedDuplicate"),
                    Map.of()));

    void restrict(ChainedOptionsBuilder options) {
        few.forEach(options::param);
    }
}
