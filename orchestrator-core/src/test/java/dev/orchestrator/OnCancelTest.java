package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static dev.orchestrator.TestWork.valueOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** P7, P10: what an attempt wants closed is closed exactly once if it is stopped, never otherwise, and then forgotten. */
class OnCancelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    @AfterEach
    void noTimerIsLeft() {
        dispatcher.close();
        assertThat(time.pending()).isZero();
    }

    /** Something to close, which knows how often it was, and on which threads. */
    private static final class Socket implements AutoCloseable {
        final ConcurrentLinkedQueue<String> closers = new ConcurrentLinkedQueue<>();

        @Override
        public void close() {
            closers.add(Thread.currentThread().getName());
        }

        int timesClosed() {
            return closers.size();
        }
    }

    // ---- it is closed if the attempt is stopped ----

    @Test
    void what_code_that_leaves_at_once_wanted_closed_is_closed_all_the_same() {
        int rounds = 300;
        var sockets = new ArrayList<Socket>();
        for (int i = 0; i < rounds; i++) sockets.add(new Socket());
        var begun = new ConcurrentLinkedQueue<Integer>();
        dispatcher.register(Work.class, (job, context) -> {
            context.onCancel(sockets.get(job.number()));
            begun.add(job.number());
            while (!context.isCancelled()) Thread.onSpinWait();
            return "it has noticed, and left the closing to onCancel";
        });
        for (int i = 0; i < rounds; i++) {
            int number = i;
            var handle = dispatcher.dispatch(new Work(number));
            TestWork.until(() -> begun.contains(number), "the code did not begin");
            assertThat(handle.cancel("enough")).isTrue();
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        }
        TestWork.until(() -> sockets.stream().allMatch(each -> each.timesClosed() > 0), "one was forgotten");
        assertThat(sockets).allMatch(each -> each.timesClosed() == 1);
        assertThat(sockets).flatExtracting(each -> each.closers).allMatch(name -> name.startsWith("orchestrator-tell"));
    }

    @Test
    void so_it_is_when_the_code_leaves_as_the_time_of_its_attempt_is_up() {
        int rounds = 300;
        var sockets = new ArrayList<Socket>();
        for (int i = 0; i < rounds; i++) sockets.add(new Socket());
        var begun = new ConcurrentLinkedQueue<Integer>();
        dispatcher.register(
                Work.class,
                (job, context) -> {
                    context.onCancel(sockets.get(job.number()));
                    begun.add(job.number());
                    while (!context.isCancelled()) Thread.onSpinWait();
                    return "too late";
                },
                JobOptions.builder().attemptTimeout(SECOND).build());
        for (int i = 0; i < rounds; i++) {
            int number = i;
            var handle = dispatcher.dispatch(new Work(number));
            TestWork.until(() -> begun.contains(number), "the code did not begin");
            time.advance(SECOND);
            assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        }
        TestWork.until(() -> sockets.stream().allMatch(each -> each.timesClosed() > 0), "one was forgotten");
        assertThat(sockets).allMatch(each -> each.timesClosed() == 1);
    }

    @Test
    void many_threads_give_things_to_close_while_the_job_is_cancelled_and_each_is_closed_once() {
        int rounds = 200;
        int perThread = 5;
        var contexts = new ArrayList<CompletableFuture<JobContext>>();
        for (int i = 0; i < rounds; i++) contexts.add(new CompletableFuture<>());
        var letGo = new Gate();
        dispatcher.register(
                Work.class,
                (job, context) -> {
                    contexts.get(job.number()).complete(context);
                    return letGo.passUninterruptibly("late"); // the attempt is not over while they race
                },
                JobOptions.builder().grace(Duration.ofDays(1)).build());
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < rounds; i++) handles.add(dispatcher.dispatch(new Work(i)));
        for (var context : contexts) valueOf(context);
        var sockets = new ConcurrentLinkedQueue<Socket>();
        Together.Part giving = round -> {
            for (int i = 0; i < perThread; i++) {
                var socket = new Socket();
                sockets.add(socket);
                valueOf(contexts.get(round)).onCancel(socket);
            }
        };
        Together.run(rounds, giving, giving, round -> handles.get(round).cancel("enough"));
        TestWork.until(() -> sockets.stream().allMatch(each -> each.timesClosed() > 0), "one was forgotten");
        letGo.open();
        for (var handle : handles) assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        assertThat(sockets).hasSize(2 * rounds * perThread).allMatch(each -> each.timesClosed() == 1);
    }

    @Test
    void the_limit_of_the_attempt_the_total_limit_and_a_cancel_close_it_once_altogether() {
        var socket = new Socket();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            context.onCancel(socket);
            return inside.passUninterruptibly("late");
        });
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder()
                        .attemptTimeout(SECOND)
                        .timeout(SECOND.multipliedBy(2))
                        .build());
        inside.awaitArrival();
        time.advance(SECOND);
        TestWork.until(() -> socket.timesClosed() == 1, "it was not closed");
        time.advance(SECOND);
        assertThat(handle.cancel("too late")).isFalse();
        inside.open();
        assertThat(endingOf(handle)).isEqualTo(new JobResult.TimedOut<>(SECOND.multipliedBy(2)));
        dispatcher.close();
        assertThat(socket.timesClosed()).isOne();
    }

    @Test
    void the_same_thing_given_twice_is_closed_for_the_one_that_was_not_taken_back() {
        var socket = new Socket();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            Subscription first = context.onCancel(socket);
            context.onCancel(socket);
            first.close();
            first.close();
            return inside.pass("never");
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("enough");
        endingOf(handle);
        TestWork.until(() -> socket.timesClosed() > 0, "it was not closed");
        dispatcher.close();
        assertThat(socket.timesClosed()).isOne();
    }

    @Test
    void taking_back_meets_the_stop_and_it_is_closed_once_or_not_at_all() {
        int rounds = 300;
        var sockets = new ArrayList<Socket>();
        var entries = new ArrayList<CompletableFuture<Subscription>>();
        var handles = new ArrayList<JobHandle<String>>();
        for (int i = 0; i < rounds; i++) {
            sockets.add(new Socket());
            entries.add(new CompletableFuture<>());
        }
        dispatcher.register(Work.class, (job, context) -> {
            entries.get(job.number()).complete(context.onCancel(sockets.get(job.number())));
            return new Gate().pass("never");
        });
        for (int i = 0; i < rounds; i++) handles.add(dispatcher.dispatch(new Work(i)));
        for (var entry : entries) valueOf(entry);
        Together.run(
                rounds,
                round -> valueOf(entries.get(round)).close(),
                round -> handles.get(round).cancel("enough"));
        for (var handle : handles) endingOf(handle);
        assertThat(sockets).allMatch(each -> each.timesClosed() <= 1);
    }

    // ---- nobody is harmed by it ----

    @ParameterizedTest
    @ValueSource(classes = {IOException.class, IllegalStateException.class, StackOverflowError.class})
    void what_a_closing_throws_is_logged_with_the_id_of_the_job_and_changes_nothing(Class<? extends Throwable> type)
            throws ReflectiveOperationException {
        Throwable thrown = type.getConstructor().newInstance();
        var after = new Socket();
        var inside = new Gate();
        var logged = new CountDownLatch(1);
        Predicate<RecordedLog.Line> isOurs = line -> line.error() == thrown;
        dispatcher.register(Work.class, (job, context) -> {
            context.onCancel(() -> {
                throw Thrown.asIs(thrown);
            });
            context.onCancel(after);
            return inside.pass("never");
        });
        try (var log = new RecordedLog(line -> {
            if (isOurs.test(line)) logged.countDown();
        })) {
            var handle = dispatcher.dispatch(new Work(1));
            inside.awaitArrival();
            handle.cancel("enough");
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
            Gate.await(logged, "nothing was logged");
            assertThat(log.lines())
                    .filteredOn(isOurs)
                    .singleElement()
                    .satisfies(line -> assertThat(line.text()).contains("onCancel", handle.id()));
        }
        TestWork.until(() -> after.timesClosed() == 1, "the next one was not closed");
    }

    @Test
    void twenty_closings_that_hang_hold_up_neither_the_last_one_nor_the_ending() {
        var hanging = new Gate();
        var last = new Socket();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            for (int i = 0; i < 20; i++) context.onCancel(() -> hanging.passUninterruptibly(""));
            context.onCancel(last);
            return inside.pass("never");
        });
        var handle = dispatcher.dispatch(new Work(1));
        inside.awaitArrival();
        handle.cancel("enough");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("enough"));
        TestWork.until(() -> last.timesClosed() == 1, "the last one was not closed");
        hanging.open();
    }

    // ---- it is forgotten ----

    @Test
    void it_belongs_to_its_attempt_and_a_stop_of_the_next_one_does_not_close_it() {
        var sockets = new ArrayList<Socket>();
        var inside = new Gate();
        dispatcher.register(Work.class, (job, context) -> {
            var socket = new Socket();
            sockets.add(socket); // attempts follow each other
            context.onCancel(socket);
            if (context.attempt() < 3) throw new IOException("of attempt " + context.attempt());
            return inside.pass("never");
        });
        var handle = dispatcher.dispatch(
                new Work(1),
                JobOptions.builder().retry(RetryPolicy.fixed(3, SECOND)).build());
        TestWork.until(
                () -> {
                    time.advance(SECOND);
                    return inside.hasArrived();
                },
                "there was no third attempt");
        handle.cancel("enough");
        endingOf(handle);
        TestWork.until(() -> sockets.get(2).timesClosed() == 1, "it was not closed");
        dispatcher.close();
        assertThat(sockets).extracting(Socket::timesClosed).containsExactly(0, 0, 1);
    }

    @Test
    void it_is_let_go_with_its_attempt_although_the_context_lives_on() {
        var kept = new AtomicReference<JobContext>();
        var weak = new AtomicReference<WeakReference<AutoCloseable>>();
        var closed = new AtomicInteger();
        dispatcher.register(Work.class, (job, context) -> {
            kept.set(context);
            AutoCloseable closeable = closed::incrementAndGet; // it captures, so there is one of its own
            weak.set(new WeakReference<>(closeable));
            context.onCancel(closeable);
            return "done";
        });
        endingOf(dispatcher.dispatch(new Work(1)));
        MemoryTest.assertCollected(weak.get(), "what was to be closed");
        assertThat(closed).hasValue(0);
        Reference.reachabilityFence(kept.get());
    }
}
