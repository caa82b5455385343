package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.testkit.Gate;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** P1: a key's own code is asked at the dispatch only, so one that misbehaves later takes no job its ending. */
class OddKeysTest {
    /** A key whose methods throw from the moment on that is chosen. */
    private static final class Odd {
        private volatile boolean throwsFromNowOn;

        @Override
        public boolean equals(Object other) {
            if (throwsFromNowOn) throw new IllegalStateException("equals of a key");
            return other instanceof Odd;
        }

        @Override
        public int hashCode() {
            if (throwsFromNowOn) throw new IllegalStateException("hashCode of a key");
            return 1;
        }

        @Override
        public String toString() {
            throw new IllegalStateException("toString of a key");
        }
    }

    private final VirtualTime time = new VirtualTime();
    private final SignalBus bus = SignalBus.builder().time(time).build();
    private final Dispatcher dispatcher = Dispatcher.create(bus);
    private final Gate inside = new Gate();

    OddKeysTest() {
        dispatcher.register(Work.class, (job, context) -> inside.pass("done " + job.number()));
    }

    private static JobOptions.Builder options() {
        return JobOptions.builder();
    }

    @Test
    void a_key_whose_code_throws_later_is_let_go_all_the_same() {
        for (var rule : List.<Function<Object, JobOptions>>of(
                key -> options().joinRunning(key).build(),
                key -> options().dropIfRunning(key).build(),
                key -> options().queueIfRunning(key, 3).build(),
                key -> options().limitPerKey(key, RunLimit.of(2)).build())) {
            var key = new Odd();
            var handle = dispatcher.dispatch(new Work(1), rule.apply(key));
            key.throwsFromNowOn = true;
            inside.open();
            assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done 1"));
        }
        TestWork.until(() -> dispatcher.acceptance().kept() == 0, "a key is kept");
    }

    @Test
    void a_key_without_a_text_is_refused_and_replaced_with_the_name_of_its_class() {
        var first = dispatcher.dispatch(
                new Work(1),
                options().debounce(new Odd(), Duration.ofSeconds(1)).build());
        var second = dispatcher.dispatch(
                new Work(2),
                options().debounce(new Odd(), Duration.ofSeconds(1)).build());
        assertThat(endingOf(first))
                .isInstanceOfSatisfying(
                        JobResult.Cancelled.class,
                        ending -> assertThat(ending.reason()).contains(Odd.class.getName()));
        inside.open();
        time.advance(Duration.ofSeconds(1));
        assertThat(endingOf(second)).isEqualTo(new JobResult.Success<>("done 2"));
    }

    @Test
    void a_key_that_changes_holds_up_nobody_who_waits_for_it() {
        var key = new ArrayList<>(List.of("a"));
        var queued = options().queueIfRunning(key, 3).build();
        var first = dispatcher.dispatch(new Work(1), queued);
        inside.awaitArrival();
        var second = dispatcher.dispatch(new Work(2), queued);
        key.add("b");
        inside.open();
        assertThat(endingOf(first)).isEqualTo(new JobResult.Success<>("done 1"));
        assertThat(endingOf(second)).isEqualTo(new JobResult.Success<>("done 2"));
        TestWork.until(() -> dispatcher.acceptance().kept() == 0, "a key is kept");
    }
}
