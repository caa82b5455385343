package dev.orchestrator.benchmarks;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/** The limit: one row with the same content, one transaction, one connection; nobody does the job. */
final class BareCommits implements DurableRoundTrip {
    private final Finish finish;
    private final Connection connection;
    private final PreparedStatement insert;

    BareCommits(Place place, Finish finish) throws SQLException {
        this.finish = finish;
        place.run("create table bare (id text primary key, payload text not null)");
        connection = place.connect();
        insert = connection.prepareStatement("insert into bare (id, payload) values (?, ?)");
    }

    @Override
    public void submit(long number) {
        try {
            insert.setString(1, "job-" + number);
            insert.setString(2, "{\"number\":" + number + "}");
            insert.executeUpdate();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
        finish.handled(number + 1, RoundTrip.work(number));
    }

    @Override
    public void submitForTomorrow(long number, int priority) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Rows> rows() {
        return List.of();
    }

    @Override
    public String unfinished() {
        return "select 0";
    }

    @Override
    public String ended() {
        return "select count(*) from bare";
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
