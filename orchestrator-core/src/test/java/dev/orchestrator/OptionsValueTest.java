package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** Options and limits are values: equal if the same is set, printed as what is set, and no builder changes them later. */
class OptionsValueTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Executor WORKER = new Executor() {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public String toString() {
            return "cpu";
        }
    };
    private static final CancellationToken TOKEN = new CancellationToken();

    /** One for each method of the builder, with what it prints; all different from each other. */
    private static List<JobOptions.Builder> allDifferent() {
        return List.of(
                JobOptions.builder(),
                JobOptions.builder().id("mine"),
                JobOptions.builder().timeout(SECOND),
                JobOptions.builder().noTimeout(),
                JobOptions.builder().attemptTimeout(SECOND),
                JobOptions.builder().noAttemptTimeout(),
                JobOptions.builder().grace(SECOND),
                JobOptions.builder().grace(Duration.ZERO),
                JobOptions.builder().progressInterval(SECOND),
                JobOptions.builder().progressInterval(Duration.ZERO),
                JobOptions.builder().retry(RetryPolicy.none()),
                JobOptions.builder().retry(RetryPolicy.fixed(2, SECOND)),
                JobOptions.builder().worker(WORKER),
                JobOptions.builder().token(TOKEN),
                JobOptions.builder().limit(RunLimit.of(1)),
                JobOptions.builder().limitPerKey("key", RunLimit.of(1)),
                JobOptions.builder().limitPerKey("other", RunLimit.of(1)),
                JobOptions.builder().joinRunning("key"),
                JobOptions.builder().joinRunning("other"),
                JobOptions.builder().dropIfRunning("key"),
                JobOptions.builder().replaceRunning("key"),
                JobOptions.builder().queueIfRunning("key", 1),
                JobOptions.builder().queueIfRunning("key", 2),
                JobOptions.builder().debounce("key", SECOND),
                JobOptions.builder().throttle("key", SECOND));
    }

    @Test
    void options_are_equal_if_and_only_if_the_same_is_set() {
        var once = new ArrayList<JobOptions>();
        var again = new ArrayList<JobOptions>();
        for (JobOptions.Builder builder : allDifferent()) once.add(builder.build());
        for (JobOptions.Builder builder : allDifferent()) again.add(builder.build());
        assertThat(once).isEqualTo(again).doesNotHaveDuplicates().doesNotContainNull();
        for (int i = 0; i < once.size(); i++) {
            assertThat(once.get(i)).hasSameHashCodeAs(again.get(i)).isNotEqualTo("something else");
        }
        assertThat(once.getFirst()).isEqualTo(JobOptions.none());
        assertThat(once.stream().map(JobOptions::toString)).doesNotHaveDuplicates();
    }

    @Test
    void they_print_what_is_set_and_nothing_else() {
        assertThat(JobOptions.none()).hasToString("JobOptions[]");
        assertThat(JobOptions.builder()
                        .id("mine")
                        .timeout(SECOND)
                        .noAttemptTimeout()
                        .grace(Duration.ZERO)
                        .progressInterval(Duration.ZERO)
                        .retry(RetryPolicy.none())
                        .worker(WORKER)
                        .token(TOKEN)
                        .limit(RunLimit.of(4).orQueue(10))
                        .build())
                .hasToString("JobOptions[id=mine, timeout=PT1S, attemptTimeout=none, grace=PT0S,"
                        + " progressInterval=none, retry=RetryPolicy.none(), worker=cpu, token=CancellationToken,"
                        + " limit=4 or queue 10]");
        assertThat(JobOptions.builder().noTimeout().build()).hasToString("JobOptions[timeout=none]");
    }

    @Test
    void a_later_call_of_the_builder_replaces_an_earlier_one() {
        var options = JobOptions.builder()
                .timeout(SECOND)
                .noTimeout()
                .noAttemptTimeout()
                .attemptTimeout(SECOND)
                .joinRunning("first")
                .dropIfRunning("second")
                .build();
        assertThat(options)
                .isEqualTo(JobOptions.builder()
                        .noTimeout()
                        .attemptTimeout(SECOND)
                        .dropIfRunning("second")
                        .build());
    }

    @Test
    void a_builder_that_goes_on_changes_nothing_that_it_has_made() {
        var builder = JobOptions.builder().timeout(SECOND);
        JobOptions made = builder.build();
        builder.timeout(SECOND.multipliedBy(2)).id("later");
        assertThat(made).isEqualTo(JobOptions.builder().timeout(SECOND).build());
    }

    @Test
    void limits_are_equal_if_and_only_if_they_do_the_same() {
        var all = List.of(
                RunLimit.of(1),
                RunLimit.of(2),
                RunLimit.of(1).orWait(),
                RunLimit.of(1).orQueue(1),
                RunLimit.of(1).orQueue(RunLimit.LONGEST_WAIT));
        var again = List.of(
                RunLimit.of(1).orWait().orRefuse(),
                RunLimit.of(2).orQueue(5).orRefuse(),
                RunLimit.of(1).orQueue(7).orWait(),
                RunLimit.of(1).orWait().orQueue(1),
                RunLimit.of(1).orQueue(RunLimit.LONGEST_WAIT));
        assertThat(all).isEqualTo(again).doesNotHaveDuplicates();
        for (int i = 0; i < all.size(); i++) assertThat(all.get(i)).hasSameHashCodeAs(again.get(i));
        assertThat(all)
                .extracting(RunLimit::toString)
                .containsExactly("1 or refuse", "2 or refuse", "1 or wait", "1 or queue 1", "1 or queue 10000");
    }
}
