package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** P6: the most urgent of what is due is claimed, however many priorities there are and whatever else waits. */
class PostgresClaimsTest extends StoreTesting {
    private static final int PRIORITIES = 40;

    PostgresClaimsTest() {
        super(Where.POSTGRES);
    }

    private List<String> claimed(int most) throws SQLException {
        try (Connection connection = store.queue().getConnection();
                PreparedStatement claiming = connection.prepareStatement(
                        "select task_instance from orch_claim(array['t@1', 'u@1'], 'n1', now(), ?) order by priority"
                                + " desc")) {
            claiming.setInt(1, most);
            var claimed = new ArrayList<String>();
            try (var rows = claiming.executeQuery()) {
                while (rows.next()) claimed.add(rows.getString(1));
            }
            return claimed;
        }
    }

    private static List<String> ids(int from, int to) {
        return IntStream.iterate(from, i -> i >= to, i -> i - 1)
                .mapToObj(i -> "p" + i)
                .toList();
    }

    private void dispatchOneOfEachPriority() {
        for (int i = 0; i < PRIORITIES; i++) dispatch(JobToStore.of("p" + i).priority(i));
    }

    @Test
    void theMostUrgentAreClaimedFirst() throws SQLException {
        dispatchOneOfEachPriority();
        assertThat(claimed(3)).isEqualTo(ids(39, 37));
        assertThat(claimed(20)).isEqualTo(ids(36, 17));
        assertThat(claimed(100)).isEqualTo(ids(16, 0));
        assertThat(claimed(100)).isEmpty();
    }

    @Test
    void nothingIsLeftBehindManyPriorities() throws SQLException {
        dispatchOneOfEachPriority();
        dispatch(JobToStore.of("least").priority(Integer.MIN_VALUE));
        assertThat(claimed(100)).hasSize(PRIORITIES + 1).endsWith("least");
    }

    @Test
    void whatIsNotDueIsPassedOver() throws SQLException {
        for (int i = 0; i < PRIORITIES; i++)
            dispatch(JobToStore.of("later" + i).priority(100 + i).delay(Duration.ofDays(1)));
        dispatch(JobToStore.of("due"));
        assertThat(claimed(1)).containsExactly("due");
    }

    @Test
    void whatOthersHaveIsPassedOver() throws SQLException {
        dispatch(JobToStore.of("mine"));
        dispatch(JobToStore.of("locked").priority(1));
        try (Connection others = store.queue().getConnection();
                var locking = others.createStatement()) {
            others.setAutoCommit(false);
            locking.execute("select 1 from orch_queue where task_instance = 'locked' for update");
            assertThat(claimed(2)).containsExactly("mine");
            others.rollback();
            others.setAutoCommit(true);
        }
        assertThat(claimed(2)).containsExactly("locked");
    }
}
