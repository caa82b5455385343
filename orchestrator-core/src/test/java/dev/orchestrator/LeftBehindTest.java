package dev.orchestrator;

import static dev.orchestrator.TestWork.endingOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.TestWork.Work;
import dev.orchestrator.spi.Threads;
import dev.orchestrator.testkit.VirtualTime;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** P7: an attempt that is a stage is over when that is cancelled; what its code left open or still opens is closed. */
class LeftBehindTest {
    private final VirtualTime time = new VirtualTime();
    private final AtomicReference<JobContext> context = new AtomicReference<>();
    private final CompletableFuture<String> stage = new CompletableFuture<>();
    private final AtomicInteger closed = new AtomicInteger();

    // Whatever a thread of its own would do happens at once: the stage is cancelled as early as can be.
    private final Threads atOnce = new Threads() {
        @Override
        public void start(Role role, String name, Runnable task) {
            task.run();
        }

        @Override
        public boolean await(CompletionStage<?> stage, Duration limit) throws InterruptedException {
            return Threads.standard().await(stage, limit);
        }
    };

    private final Dispatcher dispatcher =
            Dispatcher.create(SignalBus.builder().time(time).threads(atOnce).build());

    LeftBehindTest() {
        dispatcher.registerAsync(Work.class, (job, its) -> {
            context.set(its);
            return stage;
        });
    }

    private JobContext contextOfAttempt() {
        JobContext its = context.get();
        if (its == null) throw new AssertionError("no attempt has begun");
        return its;
    }

    private JobHandle<String> dispatchWithAttemptLimit() {
        return dispatcher.dispatch(
                new Work(1),
                JobOptions.builder().attemptTimeout(Duration.ofSeconds(1)).build());
    }

    @Test
    void what_is_to_be_closed_is_closed_although_the_cancelled_stage_ends_the_attempt() {
        var handle = dispatcher.dispatch(new Work(1));
        contextOfAttempt().onCancel(closed::incrementAndGet);
        handle.cancel("not wanted");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Cancelled<>("not wanted"));
        assertThat(closed).hasValue(1);
    }

    @Test
    void so_it_is_when_the_time_of_the_attempt_is_up() {
        var handle = dispatchWithAttemptLimit();
        contextOfAttempt().onCancel(closed::incrementAndGet);
        time.advance(Duration.ofSeconds(1));
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        assertThat(closed).hasValue(1);
    }

    @Test
    void what_the_code_opens_after_its_time_was_up_is_closed_at_once() {
        var handle = dispatchWithAttemptLimit();
        time.advance(Duration.ofSeconds(1));
        assertThat(endingOf(handle)).isInstanceOf(JobResult.Failure.class);
        contextOfAttempt().onCancel(closed::incrementAndGet);
        assertThat(closed).hasValue(1);
    }

    @Test
    void what_is_opened_after_a_success_is_left_alone() {
        var handle = dispatchWithAttemptLimit();
        stage.complete("done");
        assertThat(endingOf(handle)).isEqualTo(new JobResult.Success<>("done"));
        contextOfAttempt().onCancel(closed::incrementAndGet);
        assertThat(closed).hasValue(0);
    }
}
