package dev.orchestrator.durable;

import dev.orchestrator.durable.Store.Claim;
import dev.orchestrator.durable.Store.Ending;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The ending of a work: recorded for all that take part, with its slots and its key let go, in one transaction.
 *
 * <p>There is one: whoever records it has the lock of the lead and takes the row out of the queue, or finds that there is
 * none, and changes only rows without an ending. What comes second finds its claim lost, or the job ended.
 */
final class Endings {
    private static final String SET = "update orch_job set state = ?, ended = ?, result = ?, error_type = ?,"
            + " error_text = ?, error_search = ?, error = ?, node = coalesce(?, node), began = coalesce(began, ?),"
            + " attempts = case when ? < 0 then attempts else ? end,"
            + " news = case when reader is null or (told = false and reader = ?) then news else news + 1 end";

    /** On PostgreSQL. Each part waits for the one before, as it needs its row. */
    private static final String AT_ONCE =
            "with lead as materialized (select id from orch_job where id = ? and work = id"
                    + JobRows.OPEN + " and job_key is null and slots = 0 and shared = false for update),"
                    + " freed as (delete from orch_queue using lead" + QueueRows.FENCED + " returning task_instance) "
                    + SET + " from freed where orch_job.id = ?";

    private Endings() {}

    /** What else is noted with an ending; no node and negative attempts leave what is there. */
    private record Noted(
            @Nullable String node, int attempts, @Nullable Long began, long now) {}

    /** How an ending looks in the row. */
    private record Columns(
            JobState state,
            @Nullable String result,
            @Nullable String errorType,
            @Nullable String errorText,
            @Nullable String error) {}

    private static Columns columns(Ending ending) {
        return switch (ending) {
            case Ending.Success success -> new Columns(JobState.SUCCEEDED, success.result(), null, null, null);
            case Ending.Failure failure ->
                new Columns(JobState.FAILED, null, failure.type(), failure.text(), failure.error());
            case Ending.Cancelled cancelled -> new Columns(JobState.CANCELLED, null, null, cancelled.reason(), null);
            case Ending.TimedOut timedOut ->
                new Columns(JobState.TIMED_OUT, null, null, "not done within " + timedOut.limit(), null);
        };
    }

    /** By the worker that has it. In a group only if nobody else can be concerned, so that the others never wait. */
    static List<String> end(
            Session session,
            Claim claim,
            Ending ending,
            int attempts,
            @Nullable Long began,
            @Nullable FailedAttempt last,
            long now)
            throws SQLException {
        var noted = new Noted(claim.node(), attempts, began, now);
        if (session.isGroup() && session.isPostgres()) {
            if (endAtOnce(session, claim, columns(ending), noted)) {
                if (last != null) JobRows.addAttempt(session, claim.work(), last);
                return List.of(claim.work());
            }
            throw new AloneException();
        }
        KeyRows.lockOf(session, claim.work());
        Lead lead = Lead.locked(session, claim.work()).orElseThrow(() -> new LostClaimException(claim));
        if (ending instanceof Ending.TimedOut && lead.shared()) {
            List<Taker> takers = takers(session, lead);
            List<Taker> late = takers.stream().filter(each -> each.isLate(now)).toList();
            if (late.size() < takers.size()) return endLate(session, claim, lead, late, now);
        }
        QueueRows.remove(session, claim);
        if (last != null) JobRows.addAttempt(session, lead.id(), last);
        return recorded(session, lead, ending, noted);
    }

    /**
     * As below by one statement, with the same locks in the same order, if nobody else is concerned; false if nothing was done.
     */
    private static boolean endAtOnce(Session session, Claim claim, Columns columns, Noted noted) throws SQLException {
        List<@Nullable Object> values =
                new ArrayList<>(List.of(claim.work(), claim.task(), claim.work(), claim.fence(), claim.node()));
        values.addAll(values(columns, noted));
        values.add(claim.work());
        return session.update(AT_ONCE, values.toArray()) > 0;
    }

    /** A claimed work fails because its worker is gone; the lead is locked, and so is its key. */
    static void endCrashed(Session session, Claim claim, Lead lead, Ending.Failure ending, long now)
            throws SQLException {
        QueueRows.remove(session, claim);
        // No node: for whoever reads it, it was not recorded there.
        recorded(session, lead, ending, new Noted(null, -1, null, now));
    }

    /** A work that no worker has; the key is locked if there is one. */
    static List<String> endUnclaimed(Session session, Lead lead, Ending ending, long now) throws SQLException {
        QueueRows.removeWaiting(session, lead);
        if (LimitRows.WAITING.equals(lead.waitsFor())) LimitRows.waitNoMore(session, lead.id());
        return recorded(session, lead, ending, new Noted(null, -1, null, now));
    }

    private static List<String> recorded(Session session, Lead lead, Ending ending, Noted noted) throws SQLException {
        var ended = new ArrayList<String>();
        Columns columns = columns(ending);
        if (lead.ended() == null && set(session, " where id = ?" + JobRows.OPEN, lead.id(), columns, noted) > 0)
            ended.add(lead.id());
        if (lead.shared()) {
            ended.addAll(session.list(
                    "select id from orch_job where work = ? and work <> id" + JobRows.OPEN + " order by position",
                    row -> row.getString(1),
                    lead.id()));
            set(session, " where work = ? and work <> id" + JobRows.OPEN, lead.id(), columns, noted);
        }
        String key = lead.key();
        if (key != null) KeyRows.release(session, lead.type(), key, noted.now());
        if (lead.slots() > 0) LimitRows.free(session, lead.id(), noted.now());
        return ended;
    }

    private static int set(Session session, String which, String id, Columns columns, Noted noted) throws SQLException {
        List<@Nullable Object> values = values(columns, noted);
        values.add(id);
        return session.update(SET + which, values.toArray());
    }

    /** For the marks in {@link #SET}. */
    private static List<@Nullable Object> values(Columns columns, Noted noted) {
        String text = columns.errorText();
        return new ArrayList<@Nullable Object>(Arrays.asList(
                columns.state().name(),
                noted.now(),
                columns.result(),
                columns.errorType(),
                text,
                text == null ? null : text.toLowerCase(Locale.ROOT),
                columns.error(),
                noted.node(),
                noted.began(),
                noted.attempts(),
                noted.attempts(),
                noted.node() == null ? "" : noted.node()));
    }

    /** Cancels one job. */
    static Store.Stopping cancel(Session session, String id, String reason, long now) throws SQLException {
        if (!KeyRows.lockOf(session, id)) return Store.Stopping.UNKNOWN;
        Optional<String> work = session.first("select work from orch_job where id = ?", row -> row.getString(1), id);
        if (work.isEmpty()) return Store.Stopping.UNKNOWN;
        Lead lead = Lead.locked(session, work.get()).orElseThrow(ChangedMeanwhile::new);
        boolean open = session.number("select count(*) from orch_job where id = ?" + JobRows.OPEN, id) > 0;
        if (!open) return Store.Stopping.TOO_LATE;
        var cancelled = new Ending.Cancelled(reason);
        if (lead.shared() && taking(session, lead) > 1) {
            set(session, " where id = ?" + JobRows.OPEN, id, columns(cancelled), new Noted(null, -1, null, now));
            return Store.Stopping.CANCELLED;
        }
        // The queue's row stays as it is read here, or stays away: whoever puts it there has the lock of the lead.
        if (QueueRows.picked(session, lead).orElse(false)) {
            WorkerSteps.wishToStop(session, lead, reason);
            return Store.Stopping.ASKED;
        }
        endUnclaimed(session, lead, cancelled, now);
        return Store.Stopping.CANCELLED;
    }

    private static long taking(Session session, Lead lead) throws SQLException {
        return session.number(
                "select count(*) from orch_job where (id = ? or work = ? and work <> id)" + JobRows.OPEN,
                lead.id(),
                lead.id());
    }

    /** One that takes part in a work and has not ended. */
    private record Taker(
            String id, @Nullable Long deadline, @Nullable Long timeout) {
        boolean isLate(long now) {
            Long until = deadline;
            return until != null && until <= now;
        }

        Ending.TimedOut timedOut() {
            Long limit = timeout;
            return new Ending.TimedOut(Duration.ofMillis(limit == null ? 0 : limit));
        }
    }

    private static List<Taker> takers(Session session, Lead lead) throws SQLException {
        return session.list(
                "select id, deadline, timeout from orch_job where (id = ? or work = ? and work <> id)" + ""
                        + JobRows.OPEN + " order by position",
                row -> new Taker(
                        row.getString("id"), Session.longOrNull(row, "deadline"), Session.longOrNull(row, "timeout")),
                lead.id(),
                lead.id());
    }

    /** Ends those whose time is up, and gives the work back for the others: they may have come after its attempt began. */
    private static List<String> endLate(Session session, Claim claim, Lead lead, List<Taker> late, long now)
            throws SQLException {
        QueueRows.giveBack(session, claim, now);
        for (Taker each : late) endAlone(session, lead, each, now);
        return late.stream().map(Taker::id).toList();
    }

    /** The work goes on for others, and the time of its leader is theirs no more. */
    private static void endAlone(Session session, Lead lead, Taker late, long now) throws SQLException {
        var noted = new Noted(null, -1, null, now);
        set(session, " where id = ?" + JobRows.OPEN, late.id(), columns(late.timedOut()), noted);
        if (late.id().equals(lead.id())) session.update("update orch_job set deadline = null where id = ?", lead.id());
    }

    /** Jobs whose deadline has passed, but for those that a worker has to end; some of them may be running. */
    static List<String> overdue(Session session, long now, int limit) throws SQLException {
        return session.list(
                "select j.id from orch_job j left join orch_queue q on q.task_name = j.task"
                        + " and q.task_instance = j.work where j.deadline is not null and j.ended is null"
                        + " and j.deadline <= ? and (q.picked is null or q.picked = false or j.shared = true"
                        + " or j.work <> j.id) limit ?",
                row -> row.getString(1),
                now,
                limit);
    }

    /** Ends the job if its deadline has passed: alone if others take part, else with its work if no worker has that. */
    static List<String> endOverdue(Session session, String id, long now) throws SQLException {
        KeyRows.lockOf(session, id);
        Optional<String> work = session.first("select work from orch_job where id = ?", row -> row.getString(1), id);
        if (work.isEmpty()) return List.of();
        Lead lead = Lead.locked(session, work.get()).orElseThrow(ChangedMeanwhile::new);
        List<Taker> takers = takers(session, lead);
        Optional<Taker> found =
                takers.stream().filter(each -> each.id().equals(id)).findFirst();
        if (found.isEmpty() || !found.get().isLate(now)) return List.of();
        if (takers.size() > 1) {
            endAlone(session, lead, found.get(), now);
            return List.of(id);
        }
        if (QueueRows.picked(session, lead).orElse(false)) return List.of();
        return endUnclaimed(session, lead, found.get().timedOut(), now);
    }
}
