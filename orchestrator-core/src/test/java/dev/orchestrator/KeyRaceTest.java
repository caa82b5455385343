package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P1, P10: whatever races with whatever at one key, every accepted dispatch ends exactly once and nothing is kept. */
class KeyRaceTest {
    private static final int ROUNDS = 3_000;

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final ConcurrentHashMap<String, Integer> endings = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<JobHandle<?>> accepted = new ConcurrentLinkedQueue<>();
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    KeyRaceTest() {
        bus.subscribe(TerminalEvent.class, event -> endings.merge(event.correlationId(), 1, Integer::sum));
        dispatcher.register(Work.class, (job, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            for (int i = job.number() % 50; i > 0; i--) Thread.onSpinWait();
            inside.decrementAndGet();
            return "done";
        });
        dispatcher.register(Part.class, (job, context) -> {
            new CountDownLatch(1).await(); // until it is interrupted
            return "never";
        });
    }

    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    private JobHandle<String> dispatch(int number, JobOptions options) {
        var handle = dispatcher.dispatch(new Work(number), options);
        accepted.add(handle);
        return handle;
    }

    private void tryTo(int number, JobOptions options) {
        try {
            dispatch(number, options);
        } catch (JobRejectedException refused) {
            // that is an answer too
        }
    }

    private void assertThatAllEndOnceAndNothingIsKept() {
        accepted.forEach(TestWork::endingOf);
        until(() -> dispatcher.acceptance().kept() == 0, "something is kept");
        until(() -> endings.size() == accepted.size(), "an ending was never told");
        assertThat(endings.values()).allMatch(count -> count == 1);
        assertThat(bus.runs().kept()).isZero();
    }

    @Test
    void joining_races_with_completion_and_cancelling() {
        var join = options().joinRunning("k").build();
        var tokens = new ArrayList<CancellationToken>();
        for (int i = 0; i < ROUNDS; i++) tokens.add(new CancellationToken());
        Together.run(
                ROUNDS,
                round -> dispatch(round, join),
                round -> dispatch(round, join).cancel("not wanted"),
                round -> dispatch(
                        round,
                        options().joinRunning("k").token(tokens.get(round)).build()),
                round -> tokens.get(round).cancel("not wanted"));
        assertThatAllEndOnceAndNothingIsKept();
        assertThat(tokens).allMatch(token -> token.size() == 0);
        assertThat(most).as("one work at a time").hasValue(1);
    }

    @Test
    void a_work_stops_with_its_last_taker_although_another_one_was_cancelled_while_it_joined() {
        int rounds = 1_000;
        var firsts = new ArrayList<JobHandle<String>>();
        var tokens = new ArrayList<CancellationToken>();
        for (int i = 0; i < rounds; i++) {
            firsts.add(dispatcher.dispatch(new Part(i), options().joinRunning(i).build()));
            tokens.add(new CancellationToken());
        }
        accepted.addAll(firsts);
        Together.run(
                rounds,
                round -> accepted.add(dispatcher.dispatch(
                        new Part(round),
                        options().joinRunning(round).token(tokens.get(round)).build())),
                round -> {
                    for (int i = round % 200; i > 0; i--) Thread.onSpinWait();
                    tokens.get(round).cancel("not wanted");
                });
        firsts.forEach(first -> first.cancel("not wanted"));
        assertThatAllEndOnceAndNothingIsKept();
    }

    @Test
    void all_takers_leave_at_the_same_moment_while_others_join() {
        int rounds = 1_000;
        Together.run(
                rounds,
                round -> leave(dispatcher.dispatch(
                        new Part(round), options().joinRunning("k").build())),
                round -> leave(dispatcher.dispatch(
                        new Part(round), options().joinRunning("k").build())),
                round -> leave(dispatcher.dispatch(
                        new Part(round), options().joinRunning("k").build())));
        assertThatAllEndOnceAndNothingIsKept();
    }

    private void leave(JobHandle<String> handle) {
        accepted.add(handle);
        handle.cancel("not wanted");
    }

    @Test
    void replacing_races_with_the_end_of_what_it_replaces() {
        var replace = options().replaceRunning("k").build();
        Together.run(
                ROUNDS,
                round -> dispatch(round, replace),
                round -> dispatch(round + 7, replace),
                round -> dispatch(round + 13, replace));
        assertThatAllEndOnceAndNothingIsKept();
        assertThat(most).as("none starts before the one before is down").hasValue(1);
        assertThat(endingOf(dispatch(0, replace))).isEqualTo(new JobResult.Success<>("done"));
    }

    @Test
    void all_rules_at_one_key_race() {
        var token = new CancellationToken();
        Together.run(
                ROUNDS,
                round -> tryTo(round, options().joinRunning("k").build()),
                round -> tryTo(round, options().dropIfRunning("k").build()),
                round -> tryTo(round, options().replaceRunning("k").token(token).build()),
                round -> tryTo(round, options().queueIfRunning("k", 3).build()));
        assertThatAllEndOnceAndNothingIsKept();
        assertThat(most).hasValue(1);
        assertThat(token.size()).isZero();
    }

    @Test
    void debouncing_races_with_the_end_of_the_silence_and_one_of_two_is_cancelled_or_both_run() {
        var debounce = options().debounce("k", Duration.ofNanos(50_000)).build();
        Together.run(ROUNDS, round -> dispatch(round, debounce), round -> dispatch(round, debounce));
        assertThatAllEndOnceAndNothingIsKept();
    }

    @Test
    void closing_races_with_dispatches_at_a_key() {
        int rounds = 300;
        var dispatchers = new ArrayList<Dispatcher>();
        for (int i = 0; i < rounds; i++) {
            var each = Dispatcher.builder()
                    .bus(bus)
                    .limit(RunLimit.of(1).orQueue(2))
                    .closeGrace(Duration.ofMillis(1))
                    .build();
            each.register(Work.class, (job, context) -> "done");
            dispatchers.add(each);
        }
        List<JobOptions> rules = List.of(
                options().joinRunning("k").build(),
                options().replaceRunning("k").build(),
                options().queueIfRunning("k", 2).build(),
                options().debounce("k", Duration.ofMillis(1)).build(),
                options().throttle("k", Duration.ofDays(1)).build());
        Together.Part part = round -> {
            try {
                for (int i = 0; i < 20; i++) {
                    try {
                        accepted.add(
                                dispatchers.get(round).dispatch(new Work(i), rules.get((round + i) % rules.size())));
                    } catch (JobRejectedException refused) {
                        // the next one
                    }
                }
            } catch (IllegalStateException closed) {
                assertThat(closed).hasMessageContaining("closed");
            }
        };
        Together.run(rounds, part, part, round -> {
            for (int i = round; i > 0; i--) Thread.onSpinWait();
            dispatchers.get(round).close();
        });
        assertThatAllEndOnceAndNothingIsKept();
        for (Dispatcher each : dispatchers)
            until(() -> each.acceptance().kept() == 0, "a closed dispatcher keeps something");
    }
}
