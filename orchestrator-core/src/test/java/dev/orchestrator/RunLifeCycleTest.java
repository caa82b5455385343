package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.RunLifeCycle.Stop;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

/** The one cell of a run: whoever decides first wins, and exactly one caller is asked to tell. */
class RunLifeCycleTest {
    private static final JobResult<String> DONE = new JobResult.Success<>("done");
    private static final JobResult<String> STOPPED = new JobResult.Cancelled<>("not wanted");
    private static final JobResult<String> LATE = new JobResult.TimedOut<>(Duration.ofSeconds(1));

    private final RunLifeCycle<String> cell = new RunLifeCycle<>();

    @Test
    void a_run_that_finishes_tells_what_it_finished_with() {
        assertThat(cell.enter()).isTrue();
        assertThat(cell.isRunning()).isTrue();
        assertThat(cell.endAfterCode(DONE)).isSameAs(DONE);
        assertThat(cell.isEnded()).isTrue();
    }

    @Test
    void a_run_stopped_before_its_start_ends_at_once_and_never_starts() {
        assertThat(cell.decideStop(STOPPED)).isEqualTo(Stop.ENDED);
        assertThat(cell.enter()).isFalse();
        assertThat(cell.isEnded()).isTrue();
    }

    @Test
    void a_run_starts_once() {
        cell.enter();
        assertThat(cell.enter()).isFalse();
    }

    @Test
    void the_code_that_leaves_a_stopped_run_tells_what_it_was_stopped_with() {
        cell.enter();
        assertThat(cell.decideStop(STOPPED)).isEqualTo(Stop.STOPPING);
        assertThat(cell.isRunning()).isFalse();
        assertThat(cell.isEnded()).isFalse();
        assertThat(cell.endAfterCode(DONE)).isSameAs(STOPPED);
        assertThat(cell.endAfterGrace()).isNull();
    }

    @Test
    void the_grace_that_is_over_first_tells_and_the_code_that_leaves_later_does_not() {
        cell.enter();
        cell.decideStop(STOPPED);
        assertThat(cell.endAfterGrace()).isSameAs(STOPPED);
        assertThat(cell.endAfterCode(DONE)).isNull();
    }

    @Test
    void the_first_stop_decides() {
        cell.enter();
        cell.decideStop(STOPPED);
        assertThat(cell.decideStop(LATE)).isEqualTo(Stop.TOO_LATE);
        assertThat(cell.endAfterCode(DONE)).isSameAs(STOPPED);
    }

    @Test
    void nothing_decides_after_an_early_ending() {
        cell.enter();
        assertThat(cell.end(DONE)).isTrue();
        assertThat(cell.end(LATE)).isFalse();
        assertThat(cell.decideStop(STOPPED)).isEqualTo(Stop.TOO_LATE);
        assertThat(cell.endAfterCode(LATE)).isNull();
    }

    @Test
    void a_run_that_was_stopped_cannot_be_ended_early() {
        cell.enter();
        cell.decideStop(STOPPED);
        assertThat(cell.end(DONE)).isFalse();
    }

    @Test
    void the_grace_of_a_run_that_was_not_stopped_ends_nothing() {
        cell.enter();
        assertThat(cell.endAfterGrace()).isNull();
        assertThat(cell.isRunning()).isTrue();
    }

    @Test
    void exactly_one_of_all_who_race_is_asked_to_tell() {
        int rounds = 20_000;
        var cells = new RunLifeCycle<?>[rounds];
        for (int i = 0; i < rounds; i++) cells[i] = new RunLifeCycle<String>();
        var tellers = new AtomicIntegerArray(rounds);
        Together.run(
                rounds,
                round -> {
                    var mine = cell(cells, round);
                    if (mine.enter() && mine.endAfterCode(DONE) != null) tellers.incrementAndGet(round);
                },
                round -> {
                    var mine = cell(cells, round);
                    if (mine.decideStop(STOPPED) == Stop.ENDED) tellers.incrementAndGet(round);
                    if (mine.endAfterGrace() != null) tellers.incrementAndGet(round);
                },
                round -> {
                    if (round % 3 == 0 && cell(cells, round).end(LATE)) tellers.incrementAndGet(round);
                });
        for (int i = 0; i < rounds; i++) assertThat(tellers.get(i)).isOne();
    }

    @Test
    void the_leaving_code_and_the_grace_of_a_stopped_run_race_and_one_of_them_tells() {
        int rounds = 100_000;
        var cells = new RunLifeCycle<?>[rounds];
        for (int i = 0; i < rounds; i++) {
            var stopped = new RunLifeCycle<String>();
            stopped.enter();
            stopped.decideStop(STOPPED);
            cells[i] = stopped;
        }
        var tellers = new AtomicIntegerArray(rounds);
        Together.run(
                rounds,
                round -> {
                    if (cell(cells, round).endAfterCode(DONE) != null) tellers.incrementAndGet(round);
                },
                round -> {
                    if (cell(cells, round).endAfterGrace() != null) tellers.incrementAndGet(round);
                });
        for (int i = 0; i < rounds; i++) assertThat(tellers.get(i)).isOne();
    }

    @SuppressWarnings("unchecked")
    private static RunLifeCycle<String> cell(RunLifeCycle<?>[] cells, int round) {
        return (RunLifeCycle<String>) cells[round];
    }
}
