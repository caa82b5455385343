package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** P8: the earlier errors of a job are told with its last one, and nothing grows by that (P10). */
class EarlierErrorsTest {
    @SuppressWarnings("serial")
    private static final class WithoutSuppression extends Exception {
        WithoutSuppression() {
            super("lean", null, false, false);
        }
    }

    /** Everything that can be overridden throws. */
    @SuppressWarnings({"serial", "UnsynchronizedOverridesSynchronized"})
    private static final class Broken extends RuntimeException {
        @Override
        public String getMessage() {
            throw new IllegalStateException("getMessage");
        }

        @Override
        public Throwable getCause() {
            throw new IllegalStateException("getCause");
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new IllegalStateException("getStackTrace");
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }

        @Override
        public boolean equals(Object other) {
            throw new IllegalStateException("equals");
        }

        @Override
        public int hashCode() {
            throw new IllegalStateException("hashCode");
        }

        @Override
        public String toString() {
            throw new IllegalStateException("toString");
        }
    }

    /** All of them are equal, and yet there are many. */
    @SuppressWarnings("serial")
    private static final class AllEqual extends Exception {
        @Override
        public boolean equals(Object other) {
            return other instanceof AllEqual;
        }

        @Override
        public int hashCode() {
            return 7;
        }
    }

    private static EarlierErrors of(Throwable... errors) {
        var earlier = new EarlierErrors();
        for (Throwable error : errors) earlier.add(error);
        return earlier;
    }

    private static Throwable[] fresh(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Exception("attempt " + (i + 1)))
                .toArray(Throwable[]::new);
    }

    @Test
    void the_earlier_errors_are_suppressed_into_the_last_oldest_first() {
        var errors = fresh(3);
        var last = new Exception("the last");
        of(errors).addTo(last);
        assertThat(last.getSuppressed()).containsExactly(errors);
    }

    @Test
    void without_earlier_errors_the_last_stays_as_it_is() {
        var last = new Exception("the only one");
        new EarlierErrors().addTo(last);
        assertThat(last).hasNoSuppressedExceptions();
    }

    @Test
    void only_the_first_eight_are_kept() {
        var errors = fresh(100);
        var last = new Exception("the last");
        of(errors).addTo(last);
        assertThat(last.getSuppressed()).containsExactly(Arrays.copyOf(errors, 8));
    }

    @Test
    void what_the_exception_already_carries_counts() {
        for (int carried = 0; carried <= 12; carried++) {
            var own = fresh(carried);
            var errors = fresh(9);
            var last = new Exception("the last");
            for (Throwable error : own) last.addSuppressed(error);
            of(errors).addTo(last);
            assertThat(last.getSuppressed())
                    .containsExactly(Stream.concat(
                                    Stream.of(own), Stream.of(errors).limit(Math.max(0, 8 - carried)))
                            .toArray(Throwable[]::new));
        }
    }

    @Test
    void the_same_instance_is_never_suppressed_twice_nor_into_itself() {
        var errors = fresh(2);
        var last = new Exception("the last");
        last.addSuppressed(errors[1]);
        of(errors[0], errors[0], last, errors[1], errors[0]).addTo(last);
        assertThat(last.getSuppressed()).containsExactly(errors[1], errors[0]);
    }

    @Test
    void one_instance_that_is_thrown_often_leaves_room_for_the_others() {
        var shared = new Exception("shared");
        var other = new Exception("other");
        var last = new Exception("the last");
        var earlier = new EarlierErrors();
        for (int i = 0; i < 20; i++) earlier.add(shared);
        earlier.add(other);
        earlier.addTo(last);
        assertThat(last.getSuppressed()).containsExactly(shared, other);
    }

    @Test
    void exceptions_that_say_they_are_equal_are_different_all_the_same() {
        var errors = new Throwable[] {new AllEqual(), new AllEqual(), new AllEqual()};
        var last = new AllEqual();
        of(errors).addTo(last);
        assertThat(last.getSuppressed()).hasSize(3);
        for (int i = 0; i < 3; i++) assertThat(last.getSuppressed()[i]).isSameAs(errors[i]);
    }

    @Test
    void an_exception_that_suppresses_nothing_stays_as_it_is() {
        var last = new WithoutSuppression();
        of(fresh(9)).addTo(last);
        assertThat(last).hasNoSuppressedExceptions();
        var other = new Exception("the last");
        of(last).addTo(other);
        assertThat(other.getSuppressed()).containsExactly(last);
    }

    @Test
    void an_exception_whose_every_method_throws_is_recorded_and_records() {
        var first = new Broken();
        var second = new Broken();
        var last = new Broken();
        of(first, second, first).addTo(last);
        assertThat(last.getSuppressed()).hasSize(2);
        assertThat(last.getSuppressed()[0]).isSameAs(first);
        assertThat(last.getSuppressed()[1]).isSameAs(second);
    }

    @Test
    void failing_to_record_throws_nothing_and_loses_only_itself() {
        var errors = fresh(2);
        var last = new Exception("the last");
        of(errors[0], null, errors[1]).addTo(last);
        assertThat(last.getSuppressed()).containsExactly(errors);
        of(errors).addTo(null);
        var after = new Exception("the last of another job");
        of(errors).addTo(after);
        assertThat(after.getSuppressed()).as("the lock is free again").containsExactly(errors);
    }

    /** A hard place: a shared exception collects suppressed ones for ever, or refuses itself. */
    @Test
    void a_shared_exception_of_many_jobs_does_not_grow() {
        var shared = new Exception("shared by all");
        for (int job = 0; job < 10_000; job++) of(shared, shared, shared).addTo(shared);
        assertThat(shared).hasNoSuppressedExceptions();
        for (int job = 0; job < 10_000; job++)
            of(shared, new Exception("job " + job), shared).addTo(shared);
        assertThat(shared.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("job 0", "job 1", "job 2", "job 3", "job 4", "job 5", "job 6", "job 7");
    }

    @Test
    void shared_exceptions_that_carry_each_other_can_be_printed() {
        var one = new Exception("one");
        var other = new Exception("other", one);
        for (int job = 0; job < 100; job++) {
            of(one).addTo(other);
            of(other).addTo(one);
        }
        assertThat(one.getSuppressed()).containsExactly(other);
        assertThat(other.getSuppressed()).containsExactly(one);
        var text = new StringWriter();
        one.printStackTrace(new PrintWriter(text));
        assertThat(text.toString()).contains("CIRCULAR REFERENCE");
    }

    /** Any history, against the sentences of the contract. */
    @Test
    void any_history_is_recorded_as_promised() {
        for (long seed = 0; seed < 5_000; seed++) {
            var random = new Random(seed);
            var pool = fresh(1 + random.nextInt(12));
            var last = pool[random.nextInt(pool.length)];
            var carried = new ArrayList<Throwable>();
            for (int i = random.nextInt(10); i > 0; i--) {
                var own = random.nextBoolean() ? new Exception("its own") : pool[random.nextInt(pool.length)];
                if (own != last && !carried.contains(own)) carried.add(own);
            }
            for (Throwable own : carried) last.addSuppressed(own);
            var earlier = new EarlierErrors();
            var kept = Collections.newSetFromMap(new IdentityHashMap<Throwable, Boolean>());
            var expected = new ArrayList<>(carried);
            for (int i = random.nextInt(30); i > 0; i--) {
                var error = pool[random.nextInt(pool.length)];
                earlier.add(error);
                if (kept.size() == 8 || !kept.add(error) || error == last || expected.contains(error)) continue;
                if (expected.size() < 8) expected.add(error);
            }
            earlier.addTo(last);
            earlier.addTo(last);
            assertThat(List.of(last.getSuppressed())).as("seed %s", seed).isEqualTo(expected);
        }
    }

    @Test
    void a_job_neither_looks_nor_adds_while_another_one_does() {
        var last = new Exception("the last of both");
        var errors = fresh(8);
        CompletableFuture<?> second;
        EarlierErrors.ADDING.lock();
        try {
            second = TestWork.inAnotherThread(() -> of(errors).addTo(last));
            TestWork.until(EarlierErrors.ADDING::hasQueuedThreads, "the other job does not wait");
            for (Throwable error : fresh(7)) last.addSuppressed(error);
        } finally {
            EarlierErrors.ADDING.unlock();
        }
        TestWork.valueOf(second);
        assertThat(last.getSuppressed()).hasSize(8).endsWith(errors[0]);
    }

    /** Several jobs, on several threads, end with the same exception at the same moment. */
    @Test
    void a_shared_exception_never_gets_more_than_eight_nor_the_same_twice_however_many_jobs_end_with_it_at_once() {
        int rounds = 1_000;
        int each = 100; // one after the other, so that the threads meet at some of them
        var shared = fresh(rounds * each);
        var common = new Exception("of both jobs");
        var parts = new Together.Part[2];
        Arrays.setAll(parts, thread -> {
            var errors = fresh(8);
            errors[4] = common;
            var earlier = of(errors);
            return round -> {
                for (int i = 0; i < each; i++) earlier.addTo(shared[round * each + i]);
            };
        });
        Together.run(rounds, parts);
        assertThat(shared).allSatisfy(one -> {
            var suppressed = List.of(one.getSuppressed());
            assertThat(suppressed).hasSize(8);
            assertThat(Set.copyOf(suppressed)).hasSize(8);
        });
    }
}
