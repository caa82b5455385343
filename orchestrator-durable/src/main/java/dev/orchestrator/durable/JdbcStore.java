package dev.orchestrator.durable;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The store on SQLite and PostgreSQL. What each step means is in the classes for its rows; here is how it is run. */
final class JdbcStore implements Store {
    /** What follows an ending that nobody waited for: not on the thread that writes. */
    private static final Executor FOLLOWERS = Thread::startVirtualThread;

    private final Database database;
    private final DatabaseClock clock;
    private final StoredContents contents;
    private final @Nullable PostgresWakes wakes;

    private JdbcStore(Database database, DatabaseClock clock, @Nullable PostgresWakes wakes) {
        this.database = database;
        this.clock = clock;
        this.contents = new StoredContents(database, clock);
        this.wakes = wakes;
    }

    /**
     * Opens the database, with its schema applied or checked.
     *
     * @throws DurableStoreException if it cannot be reached, or its schema does not fit this program
     */
    static Store open(DurableStore where, Settings settings) {
        Database database = Database.open(where);
        try {
            Schema.applyOrCheck(database);
            var clock = new DatabaseClock(database.read(DatabaseClock::read), System::nanoTime);
            boolean notifies = where.kind() == DurableStore.Kind.POSTGRES && where.notifies();
            return new JdbcStore(database, clock, notifies ? new PostgresWakes(database.queue()) : null);
        } catch (Throwable failed) {
            database.close();
            throw failed;
        }
    }

    // ---- dispatching ----

    @Override
    public Dispatched dispatch(NewJob job, @Nullable Claim first) {
        Step<Dispatched> step = session -> Dispatching.dispatch(session, job, first, clock.now());
        if (job.key() != null) return database.writeAlone(step);
        return waitedFor(database.writeLater(
                job.id(), step, !isPostgres() || !job.attachments().isEmpty()));
    }

    @Override
    public Dispatched dispatch(Connection callers, NewJob job) {
        return inCallers(callers, session -> Dispatching.dispatch(session, job, clock.now()));
    }

    private <T> T inCallers(Connection callers, Step<T> step) {
        try {
            if (callers.getAutoCommit())
                throw new IllegalArgumentException(
                        "the connection is in auto-commit, so there is no transaction to take"
                                + " part in. Call setAutoCommit(false) on it before, and commit() after.");
            String product = callers.getMetaData().getDatabaseProductName();
            if (!product.equals(database.dialect().product()))
                throw new IllegalArgumentException("the connection is to a database of " + product
                        + ", and durable jobs are stored in " + database.where() + ". Use a connection to that.");
            var session = new Session(callers, database.dialect(), null, false);
            // Writing at once: a transaction of SQLite that has read cannot write after another one did.
            if (!session.isPostgres()) session.update("update orch_schema set version = version where version < 0");
            try {
                return step.run(session);
            } catch (ChangedMeanwhile again) { // nothing is written then, and what is read is newer now
                return step.run(session);
            }
        } catch (SQLException failed) {
            throw Troubles.explained(failed, database.where());
        }
    }

    // ---- the worker's steps ----

    @Override
    public Optional<Work> claimed(Claim claim) {
        return database.read(session -> WorkerSteps.claimed(session, claim));
    }

    @Override
    public Map<Claim, Work> claimed(String node, List<Claim> claims) {
        return database.readHere(session -> WorkerSteps.claimed(session, node, claims));
    }

    @Override
    public boolean takeSlots(Claim claim, Map<String, Integer> limits) {
        if (limits.isEmpty()) return true;
        return database.<Boolean>writeAlone(session -> LimitRows.take(session, claim, limits, clock.now()));
    }

    @Override
    public void began(Claim claim, int attempt) {
        write(claim.work(), session -> WorkerSteps.began(session, claim, attempt, clock.now()));
    }

    @Override
    public List<String> end(
            Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last) {
        return waitedFor(ended(claim, ending, attempts, began, last));
    }

    @Override
    public CompletionStage<List<String>> endLater(
            Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last) {
        return ended(claim, ending, attempts, began, last).thenApplyAsync(Function.identity(), FOLLOWERS);
    }

    private CompletableFuture<List<String>> ended(
            Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last) {
        return database.writeLater(
                claim.work(),
                session -> Endings.end(session, claim, ending, attempts, began, last, clock.now()),
                !isPostgres() || last != null);
    }

    @Override
    public void retry(Claim claim, FailedAttempt failed, Duration delay) {
        write(claim.work(), session -> WorkerSteps.retry(session, claim, failed, delay, clock.now()));
    }

    @Override
    public void giveBack(Claim claim, Duration delay, @Nullable String waitsFor) {
        write(claim.work(), session -> WorkerSteps.giveBack(session, claim, delay, waitsFor, clock.now()));
    }

    @Override
    public void park(Claim claim, String reason) {
        writeAlone(session -> WorkerSteps.park(session, claim, reason, clock.now()));
    }

    @Override
    public void crashed(Claim claim, int most, Ending.Failure ending) {
        writeAlone(session -> WorkerSteps.crashed(session, claim, most, ending, clock.now()));
    }

    @Override
    public void event(Claim claim, long number, String type, int version, String payload) {
        write(claim.work(), session -> WorkerSteps.event(session, claim, number, type, version, payload));
    }

    @Override
    public void progress(Claim claim, String progress) {
        write(claim.work(), session -> WorkerSteps.progress(session, claim, progress));
    }

    @Override
    public Map<String, String> stopWishes(String node) {
        return database.read(session -> WorkerSteps.stopWishes(session, node));
    }

    /** What is written where nothing is to be given back. */
    private interface Change {
        void make(Session session) throws SQLException;
    }

    private void write(String id, Change change) {
        database.write(id, session -> {
            change.make(session);
            return true;
        });
    }

    private void writeAlone(Change change) {
        database.writeAlone(session -> {
            change.make(session);
            return true;
        });
    }

    private static <T> T waitedFor(CompletableFuture<T> future) {
        return Database.done(future);
    }

    // ---- stopping, and those who are told ----

    @Override
    public Stopping cancel(String id, String reason) {
        return database.writeAlone(session -> Endings.cancel(session, id, reason, clock.now()));
    }

    @Override
    public List<News> news(String reader, long after, Collection<String> butNot, int limit) {
        return database.read(session -> NewsRows.news(session, reader, after, butNot, limit));
    }

    @Override
    public List<StoredEvent> events(String id, long after) {
        return database.read(session -> NewsRows.events(session, id, after));
    }

    @Override
    public void read(String id, String reader, long news) {
        write(id, session -> NewsRows.read(session, id, reader, news));
    }

    @Override
    public void acknowledge(Collection<String> ids, String reader) {
        if (isPostgres() && ids.size() > 1) {
            List<String> inOrder = ids.stream().sorted().toList(); // as two who lock rows must
            writeAlone(session -> NewsRows.acknowledgeEach(session, inOrder, reader));
            return;
        }
        var acknowledged = new ArrayList<CompletableFuture<Boolean>>();
        for (String id : ids)
            acknowledged.add(database.writeLater(
                    id,
                    session -> NewsRows.acknowledge(session, id, reader),
                    false)); // events that were not removed are removed with their job
        acknowledged.forEach(JdbcStore::waitedFor);
    }

    @Override
    public boolean acknowledge(Connection callers, String id, String reader) {
        return inCallers(callers, session -> NewsRows.acknowledge(session, id, reader));
    }

    @Override
    public int takeOver(String owner, String reader, Collection<String> again) {
        return database.<Integer>writeAlone(session -> {
            for (String id : new TreeSet<>(again)) NewsRows.raise(session, id);
            return NewsRows.takeOver(session, owner, reader, clock.now());
        });
    }

    // ---- nodes ----

    @Override
    public void alive(Node node, Duration lease, Collection<String> tasks) {
        List<String> copy = List.copyOf(tasks);
        clock.looked(database.<Long>read(DatabaseClock::read));
        writeAlone(session -> NodeRows.alive(session, node, lease, copy, clock.now()));
    }

    @Override
    public void gone(String node) {
        writeAlone(session -> NodeRows.gone(session, node));
    }

    @Override
    public List<Node> nodes() {
        return database.read(session -> NodeRows.nodes(session, clock.now()));
    }

    // ---- housekeeping ----

    @Override
    public List<String> endOverdue() {
        var ended = new ArrayList<String>();
        for (String work : database.read(session -> Endings.overdue(session, clock.now(), Housekeeping.AT_ONCE)))
            ended.addAll(database.writeAlone(session -> Endings.endOverdue(session, work, clock.now())));
        return ended;
    }

    @Override
    public int parkUnknown(Duration dueFor) {
        long since = clock.now() - Millis.of(dueFor);
        List<String> unknown = database.read(session -> NodeRows.unknownTasks(session, clock.now()));
        int parked = 0;
        for (String task : unknown)
            parked += untilNone(
                    session -> Housekeeping.dueSince(session, task, since),
                    (session, works) -> Housekeeping.parkUnknown(session, works));
        return parked;
    }

    @Override
    public int conditionChanged(Collection<String> conditions) {
        List<String> copy = List.copyOf(conditions);
        long now = clock.now();
        return untilNone(
                session -> Housekeeping.waitingFor(session, copy, now),
                (session, works) -> Housekeeping.makeDue(session, works, copy, now));
    }

    /** What is done to works that were read before. */
    private interface Chore {
        int run(Session session, List<String> works) throws SQLException;
    }

    /** As long as there are some, and something comes of it. */
    private int untilNone(Step<List<String>> some, Chore chore) {
        int all = 0;
        while (true) {
            List<String> works = database.read(some);
            if (works.isEmpty()) return all;
            int done = database.<Integer>writeAlone(session -> chore.run(session, works));
            if (done == 0) return all;
            all += done;
        }
    }

    @Override
    public int removeEnded(Duration olderThan, Duration unacknowledgedOlderThan, int limit) {
        long now = clock.now();
        return database.<Integer>writeAlone(session -> Housekeeping.removeEnded(
                session, now - Millis.of(olderThan), now - Millis.of(unacknowledgedOlderThan), limit));
    }

    // ---- queries, and what people do ----

    @Override
    public Page find(JobFilter filter, long after, int limit) {
        return database.read(session -> Queries.find(session, filter, after, limit));
    }

    @Override
    public Optional<DurableJob> find(String id) {
        return database.read(session -> JobRows.find(session, id));
    }

    @Override
    public Map<JobState, Long> counts(JobFilter filter) {
        return database.read(session -> Queries.counts(session, filter));
    }

    @Override
    public Optional<DurableJob> oldestWaiting() {
        return database.read(session -> OldestWaiting.find(session, clock.now()));
    }

    @Override
    public List<FailedAttempt> failedAttempts(String id) {
        return database.read(session -> Queries.failedAttempts(session, id));
    }

    @Override
    public List<RecordedAction> actions(String id) {
        return database.read(session -> DeadLetterRows.actions(session, id));
    }

    @Override
    public boolean retryDeadLetter(String id, String anotherId, String actor) {
        return database.<Boolean>writeAlone(
                session -> DeadLetterRows.retry(session, id, anotherId, actor, clock.now()));
    }

    @Override
    public boolean discard(String id, String actor, String why) {
        return database.<Boolean>writeAlone(session -> DeadLetterRows.discard(session, id, actor, why, clock.now()));
    }

    @Override
    public boolean edit(String id, int version, String payload, String actor) {
        return database.<Boolean>writeAlone(
                session -> DeadLetterRows.edit(session, id, version, payload, actor, clock.now()));
    }

    @Override
    public boolean unpark(String id, String actor) {
        return database.<Boolean>writeAlone(session -> DeadLetterRows.unpark(session, id, actor, clock.now()));
    }

    // ---- attachments ----

    @Override
    public StoredContent store(InputStream content) throws IOException {
        return contents.store(content);
    }

    @Override
    public Optional<InputStream> open(String hash) {
        return contents.open(hash);
    }

    @Override
    public int removeUnneeded(Duration olderThan) {
        return contents.removeUnneeded(olderThan);
    }

    // ---- the rest ----

    @Override
    public long now() {
        return clock.now();
    }

    @Override
    public DataSource queue() {
        return database.queue();
    }

    @Override
    public DataSource users() {
        return database.users();
    }

    @Override
    public boolean isPostgres() {
        return database.dialect() == Dialect.POSTGRES;
    }

    @Override
    public void wakeOthers() {
        if (wakes != null) wakes.wakeOthers();
    }

    @Override
    public void onWake(Runnable task) {
        if (wakes != null) wakes.onWake(task);
    }

    @Override
    public void close() {
        if (wakes != null) wakes.close();
        database.close();
    }
}
