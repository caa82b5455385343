package dev.orchestrator.durable;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Slots of limits: who has some, and who waits for them.
 *
 * <p>Whoever takes or frees slots of a limit has the lock of its row. A slot that becomes free is handed to the next one that
 * waits, in the same transaction: nobody overtakes it, and none is lost.
 */
final class LimitRows {
    static final String WAITING = "limit";

    /** How many of those that wait are looked at: one that needs another limit too may have to be passed over. */
    private static final int LOOKED_AT = 100;

    private LimitRows() {}

    /** Takes a slot of each for the claimed work, or takes the work out of the queue until there are. */
    static boolean take(Session session, Store.Claim claim, Map<String, Integer> limits, long now) throws SQLException {
        Lead lead = Lead.locked(session, claim.work()).orElseThrow(() -> new LostClaimException(claim));
        QueueRows.check(session, claim);
        if (lead.slots() > 0) return true;
        var sorted = new TreeMap<>(limits); // the order in which all take these locks
        boolean room = true;
        boolean wider = false;
        for (var limit : sorted.entrySet()) {
            wider |= lock(session, limit.getKey(), limit.getValue());
            room &= held(session, limit.getKey()) < limit.getValue();
        }
        if (room) {
            for (String name : sorted.keySet()) hold(session, name, lead.id());
            session.update("update orch_job set slots = ? where id = ?", sorted.size(), lead.id());
        } else if (lead.stopWish() != null) {
            QueueRows.giveBack(session, claim, now); // whoever claims it next ends it
        } else {
            QueueRows.remove(session, claim);
            session.update("update orch_job set waits_for = ? where id = ?", WAITING, lead.id());
            if (lead.shared())
                session.update("update orch_job set waits_for = ? where work = ? and work <> id", WAITING, lead.id());
            for (String name : sorted.keySet())
                session.update(
                        "insert into orch_slot_wait (name, work, priority, position) values (?, ?, ?, ?)",
                        name,
                        lead.id(),
                        lead.priority(),
                        lead.position());
        }
        if (wider) for (String name : sorted.keySet()) letIn(session, name, now);
        return room;
    }

    /** The row of a limit, locked; whether it has more slots than it had. */
    private static boolean lock(Session session, String name, int most) throws SQLException {
        session.update("insert into orch_limit (name, most) values (?, ?) on conflict (name) do nothing", name, most);
        long before = most(session, name);
        if (before != most) session.update("update orch_limit set most = ? where name = ?", most, name);
        return most > before;
    }

    private static int most(Session session, String name) throws SQLException {
        return (int) session.number(
                "select most from orch_limit where name = ?" + session.dialect().forUpdate(), name);
    }

    private static long held(Session session, String name) throws SQLException {
        return session.number("select count(*) from orch_slot where name = ?", name);
    }

    private static void hold(Session session, String name, String work) throws SQLException {
        session.update("insert into orch_slot (name, work) values (?, ?)", name, work);
    }

    /** Frees what the work has, and lets those in that can have it. */
    static void free(Session session, String work, long now) throws SQLException {
        List<String> names =
                session.list("select name from orch_slot where work = ? order by name", row -> row.getString(1), work);
        names.sort(null); // as the TreeMap does, whatever the order of the database
        for (String name : names) most(session, name);
        session.update("delete from orch_slot where work = ?", work);
        session.update("update orch_job set slots = 0 where id = ?", work);
        for (String name : names) letIn(session, name, now);
    }

    static void waitNoMore(Session session, String work) throws SQLException {
        session.update("delete from orch_slot_wait where work = ?", work);
    }

    private static void letIn(Session session, String name, long now) throws SQLException {
        int most = most(session, name);
        long free = most - held(session, name);
        if (free <= 0) return;
        List<String> waiting = session.list(
                "select work from orch_slot_wait where name = ? order by priority desc, position limit ?",
                row -> row.getString(1),
                name,
                LOOKED_AT);
        for (String work : waiting) {
            if (free == 0) return;
            if (letIn(session, work, needs(session, work), now)) free--;
        }
    }

    private static List<String> needs(Session session, String work) throws SQLException {
        return session.list(
                "select name from orch_slot_wait where work = ? order by name", row -> row.getString(1), work);
    }

    private static boolean letIn(Session session, String work, List<String> needs, long now) throws SQLException {
        for (String name : needs) if (held(session, name) >= most(session, name)) return false;
        Optional<Lead> lead = Lead.locked(session, work);
        // It may have been ended, or have been let in, before its lock was given here.
        if (lead.isEmpty()
                || !WAITING.equals(lead.get().waitsFor())
                || needs(session, work).isEmpty()) return false;
        for (String name : needs) hold(session, name, work);
        waitNoMore(session, work);
        session.update("update orch_job set slots = ? where id = ?", needs.size(), work);
        KeyRows.letIn(session, work, now);
        return true;
    }
}
