package dev.orchestrator.durable;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** The processes, until when they count as alive, and which names in the queue they know. */
final class NodeRows {
    private NodeRows() {}

    static void alive(Session session, Store.Node node, Duration lease, Collection<String> tasks, long now)
            throws SQLException {
        session.update(
                "insert into orch_node (id, host, pid, started, alive_until) values (?, ?, ?, ?, ?)"
                        + " on conflict (id) do update set host = excluded.host, pid = excluded.pid,"
                        + " started = excluded.started, alive_until = excluded.alive_until",
                node.id(),
                node.host(),
                node.pid(),
                node.started(),
                Millis.after(now, lease));
        var known = new TreeSet<>(
                session.list("select task from orch_node_task where node = ?", row -> row.getString(1), node.id()));
        var wanted = new TreeSet<>(tasks);
        if (known.equals(wanted)) return;
        for (String task : wanted)
            if (!known.contains(task))
                session.update("insert into orch_node_task (node, task) values (?, ?)", node.id(), task);
        for (String task : known)
            if (!wanted.contains(task))
                session.update("delete from orch_node_task where node = ? and task = ?", node.id(), task);
    }

    static void gone(Session session, String node) throws SQLException {
        session.update("delete from orch_node where id = ?", node);
        session.update("delete from orch_node_task where node = ?", node);
    }

    static List<Store.Node> nodes(Session session, long now) throws SQLException {
        return session.list(
                "select id, host, pid, started from orch_node where alive_until > ? order by id",
                row -> new Store.Node(row.getString(1), row.getString(2), row.getLong(3), row.getLong(4)),
                now);
    }

    /** The names in the queue that no living node knows. */
    static List<String> unknownTasks(Session session, long now) throws SQLException {
        var unknown = new TreeSet<>(queuedTasks(session));
        session.list(
                        "select distinct t.task from orch_node_task t join orch_node n on n.id = t.node"
                                + " where n.alive_until > ?",
                        row -> row.getString(1),
                        now)
                .forEach(unknown::remove);
        return List.copyOf(unknown);
    }

    /** From one name to the next in the index: there may be a million rows of each. */
    private static List<String> queuedTasks(Session session) throws SQLException {
        return session.list(
                "with recursive names (name) as (select min(task_name) from orch_queue union all"
                        + " select (select min(task_name) from orch_queue where task_name > names.name) from names"
                        + " where names.name is not null) select name from names where name is not null",
                row -> row.getString(1));
    }
}
