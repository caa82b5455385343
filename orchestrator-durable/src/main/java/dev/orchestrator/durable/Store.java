package dev.orchestrator.durable;

import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The durable jobs in a database: what each step means there, one transaction each.
 *
 * <p>A <em>work</em> is what a worker claims; a job has one of its own or, joined by its key, takes part in that of another
 * job. A work that may run stands in the queue, which is db-scheduler's table; one that waits for its key or a limit does
 * not, and is put there by the ending of the one before it, in the same transaction.
 *
 * <p>Every step that a worker takes checks the {@link Claim}, which is the fence: a worker that has lost its work gets a
 * {@link LostClaimException}, and nothing of what it reports is kept. Times are milliseconds of the database's clock.
 *
 * <p>Steps that wait for the disk are written together with those of other threads where that is cheaper (group commit);
 * each returns when it is on disk, and one that fails takes no other with it. All methods may be called from any thread and
 * throw a {@link DurableStoreException} if the database cannot be reached or refuses.
 */
interface Store extends AutoCloseable {
    // ---- dispatching ----

    /**
     * A job to be stored.
     *
     * @param options what else the dispatch asked for, as JSON
     * @param delay how long after now it may run; negative counts as none
     * @param dueAt when it may run; null if {@code delay} says so
     * @param timeout its time in all from now on; null if it has no limit
     * @param key null if it has none
     * @param reader the node whose owner is to be told the ending; null if nobody is
     * @param seen whether that node knows the job already; false where it has to find it (see {@link #news})
     * @param acknowledged whether somebody will {@link #acknowledge} the ending. If not, an ending that is recorded by
     *     {@code reader} itself is no news.
     * @param attachments the hashes of what it needs
     */
    record NewJob(
            String id,
            String type,
            int version,
            String payload,
            String options,
            int priority,
            Duration delay,
            @Nullable Long dueAt,
            @Nullable Duration timeout,
            @Nullable Key key,
            @Nullable String owner,
            @Nullable String reader,
            boolean seen,
            boolean acknowledged,
            @Nullable String retryOf,
            Collection<String> attachments) {}

    /** A key and what happens where it is in use by another job of that type, anywhere. */
    record Key(String text, KeyRule rule, int waiting) {}

    /** What happens where a key is in use. */
    enum KeyRule {
        /** It takes part in the work of the one that has the key. */
        JOIN,
        /** It is not stored. */
        DROP,
        /** What has the key is asked to stop, what waits for it is cancelled, and it runs when that is down. */
        REPLACE,
        /** It runs after those before it have ended, in order of storing; not stored if {@code waiting} wait already. */
        QUEUE
    }

    /** What became of a dispatch. */
    sealed interface Dispatched {
        /** It is stored; {@code dueNow} says whether a worker may have it at once. */
        record Added(boolean dueNow) implements Dispatched {}

        /** It is stored, and claimed. */
        record Claimed(Work work) implements Dispatched {}

        /** There is a job with that id already, which is untouched. */
        record Exists(DurableJob job) implements Dispatched {}

        /** Its key is in use, and its rule says that it is not stored; {@code waiting} is how many wait for the key. */
        record KeyInUse(int waiting) implements Dispatched {}
    }

    /**
     * Stores a job in a transaction of its own.
     *
     * @param first the claim that its work gets with that if it may run at once and has no key; null for none
     */
    Dispatched dispatch(NewJob job, @Nullable Claim first);

    /** As the other one, for whoever is free. */
    default Dispatched dispatch(NewJob job) {
        return dispatch(job, null);
    }

    /** Stores a job in the caller's transaction, which is neither committed nor rolled back here. */
    Dispatched dispatch(Connection callers, NewJob job);

    // ---- the worker's steps ----

    /**
     * One claim of a work by a worker, as the row of the queue had it.
     *
     * @param work the id of the work, which is that of the job that it was stored for
     * @param task the name in the queue: {@code type@version}
     * @param fence the row's version, which every new claim raises
     * @param node who claimed it
     */
    record Claim(String work, String task, long fence, String node) {}

    /**
     * What a worker needs to know of a claimed work.
     *
     * @param type of the job that it was stored for, as all down to the options; that job may have ended while others take part
     * @param options as in {@link NewJob}
     * @param deadline when its time in all is up, or that of the last that takes part; null if there is no limit
     * @param timeout its time in all; null if it has no limit
     * @param firstBegan when its first attempt began; null if none has
     * @param failures how many attempts have failed, crashes not counted
     * @param crashes how many claims were lost because the worker was gone
     * @param stopWish why it is to be stopped; null if nobody wished so
     * @param reader whose node is to be told; null if nobody's, or several
     */
    record Work(
            String type,
            int version,
            String payload,
            @Nullable String key,
            @Nullable String owner,
            String options,
            @Nullable Long deadline,
            @Nullable Duration timeout,
            @Nullable Long firstBegan,
            int failures,
            int crashes,
            @Nullable String stopWish,
            @Nullable String reader) {}

    /** The claimed work; empty if there is no such work any more. */
    Optional<Work> claimed(Claim claim);

    /**
     * The works that the node has just claimed, as far as they are there. Whether a claim still holds is not looked at. Called
     * on the thread that claims, which waits for the database in any case.
     */
    Map<Claim, Work> claimed(String node, List<Claim> claims);

    /**
     * A slot of each of these limits for the work, which it keeps until it ends; nothing if it has them already.
     *
     * @param limits by name, how many works may hold a slot of it at the same time
     * @return false if there is none: then the work is out of the queue until a slot is free, in order of priority and
     *     storing, and the claim is over
     */
    boolean takeSlots(Claim claim, Map<String, Integer> limits);

    /** Notes that an attempt begins: the time of the first one, the node, and that the reader has news. */
    void began(Claim claim, int attempt);

    /** How a work ended. */
    sealed interface Ending {
        /** With that value, as JSON. */
        record Success(String result) implements Ending {}

        /** With that error, as JSON (see {@link Payloads}). */
        record Failure(String type, @Nullable String text, String error) implements Ending {}

        record Cancelled(String reason) implements Ending {}

        record TimedOut(Duration limit) implements Ending {}
    }

    /**
     * Records the ending of the work for all jobs that take part and have not ended, frees slots and the key, and lets the
     * next ones into the queue: all in one transaction (see the class). Where time is up for some of them only, these end, and
     * the work is given back for the others.
     *
     * @param attempts how many attempts there were
     * @param began when the first one began; null if none did or it is noted already
     * @param last the failed attempt that led to it; null if it was none
     * @return the ids of the jobs that ended with it
     */
    List<String> end(Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last);

    /** As {@link #end}, without waiting: completes when it is on disk, or with what {@code end} would throw. */
    CompletionStage<List<String>> endLater(
            Claim claim, Ending ending, int attempts, @Nullable Long began, @Nullable FailedAttempt last);

    /** Records a failed attempt and gives the work back, to be due after the delay but not later than its deadline. */
    void retry(Claim claim, FailedAttempt failed, Duration delay);

    /**
     * Gives the work back untried: its attempt does not count.
     *
     * @param waitsFor the name of the condition that it waits for; null for none
     */
    void giveBack(Claim claim, Duration delay, @Nullable String waitsFor);

    /** Takes the work out of the queue, with the reason, until somebody {@linkplain #unpark unparks} it. */
    void park(Claim claim, String reason);

    /**
     * The worker of a claim is gone: the work is given back with one crash more, or, after {@code most} of them, fails with
     * that error.
     */
    void crashed(Claim claim, int most, Ending.Failure ending);

    /**
     * Appends an event of the work for the jobs that take part; on disk when it returns. The same number of the same claim again,
     * after an uncertain answer, appends nothing.
     */
    void event(Claim claim, long number, String type, int version, String payload);

    /** Says how far it is, as JSON; overwrites what was said before. */
    void progress(Claim claim, String progress);

    /** Of the works that this node has, those that are to be stopped, and why. */
    Map<String, String> stopWishes(String node);

    // ---- stopping ----

    /** What became of a wish to stop. */
    enum Stopping {
        /** There is no such job. */
        UNKNOWN,
        /** It had ended before. */
        TOO_LATE,
        /** Its ending as cancelled is recorded: it was not running, or goes on for others. */
        CANCELLED,
        /** A worker has it, and is told. */
        ASKED
    }

    /** Cancels a job; a work in which others take part goes on for them. */
    Stopping cancel(String id, String reason);

    // ---- those who are told ----

    /**
     * Something that a reader has not acknowledged.
     *
     * @param news how many things have happened to it; {@link #read} takes it back if nothing came meanwhile
     * @param error the error of a failure as JSON; null unless it failed
     * @param progress how far it was said to be, as JSON; null if never
     * @param lastFailure the newest failed attempt if it has not ended; null if there is none
     */
    record News(
            DurableJob job,
            String options,
            long news,
            @Nullable String error,
            @Nullable Duration timeout,
            @Nullable String progress,
            @Nullable FailedAttempt lastFailure) {}

    /** An event of a job, and its place among the events of that job. */
    record StoredEvent(long position, String type, int version, String payload) {}

    /** What there is to tell that node, oldest first, of jobs behind that position and not among these. */
    List<News> news(String reader, long after, Collection<String> butNot, int limit);

    /** The events of a job after that position, in order. */
    List<StoredEvent> events(String id, long after);

    /** The node has read so much news of a job that has not ended. */
    void read(String id, String reader, long news);

    /**
     * The owner has handled the ending of these jobs: they are no news any more, and their events are removed. Those that are
     * another node's by now stay.
     */
    void acknowledge(Collection<String> ids, String reader);

    /** As {@link #acknowledge(Collection, String)} in the caller's transaction; false if it was acknowledged before. */
    boolean acknowledge(Connection callers, String id, String reader);

    /**
     * Makes the node the reader of all jobs of that owner whose ending is not acknowledged and whose reader is not alive; those of
     * its own stay as they are, but for those that are to be told again. What it takes over is news from then on.
     *
     * @param again jobs of its own that are news once more
     * @return how many it took over
     */
    int takeOver(String owner, String reader, Collection<String> again);

    /** As the other one, with nothing of its own. */
    default int takeOver(String owner, String reader) {
        return takeOver(owner, reader, List.of());
    }

    // ---- nodes ----

    /** A process; {@code started} tells those apart that have the same number one after the other. */
    record Node(String id, String host, long pid, long started) {}

    /** Says that the node is alive, for that long, and which tasks it knows; each of {@code type@version}. */
    void alive(Node node, Duration lease, Collection<String> tasks);

    /** The node is gone for good. */
    void gone(String node);

    /** The nodes that are alive. */
    List<Node> nodes();

    // ---- housekeeping, done by any node, repeated without harm ----

    /**
     * Ends jobs whose deadline has passed: alone if others take part in their work, else with it if no worker has it; gives
     * the ids of those that ended.
     */
    List<String> endOverdue();

    /** Marks works as parked that are due for that long and whose task no living node knows. They stay in the queue. */
    int parkUnknown(Duration dueFor);

    /** Makes those works due now that wait for one of these conditions; gives how many. */
    int conditionChanged(Collection<String> conditions);

    /**
     * Removes jobs that ended so long ago, with all that belongs to them, up to a number: those that are acknowledged, and are no
     * dead letters or done with, after the one time, and all others after the other.
     */
    int removeEnded(Duration olderThan, Duration unacknowledgedOlderThan, int limit);

    // ---- queries ----

    Page find(JobFilter filter, long after, int limit);

    Optional<DurableJob> find(String id);

    Map<JobState, Long> counts(JobFilter filter);

    Optional<DurableJob> oldestWaiting();

    List<FailedAttempt> failedAttempts(String id);

    List<RecordedAction> actions(String id);

    // ---- what people do ----

    /**
     * Stores another try of a dead letter under a new id: with its payload, options, time in all, priority, attachments, owner and
     * reader, and without its key. Records the action, and marks the dead letter as done with. False if there is none.
     */
    boolean retryDeadLetter(String id, String anotherId, String actor);

    /** Marks a dead letter as done with: it is not listed any more. False if it is none. */
    boolean discard(String id, String actor, String why);

    /** Replaces the payload of a job that is PARKED or FAILED; false if it is neither. */
    boolean edit(String id, int version, String payload, String actor);

    /** Puts a parked work back into the queue; false if it is not parked. */
    boolean unpark(String id, String actor);

    // ---- attachments: contents by their SHA-256 ----

    /** Stores what the stream has, unless it is there already; read once, in pieces. */
    StoredContent store(InputStream content) throws IOException;

    /** A content: its SHA-256 in hexadecimal digits, and how many bytes it has. */
    record StoredContent(String hash, long size) {}

    /** The content with that hash; empty if there is none. The stream reads piece by piece, and is to be closed. */
    Optional<InputStream> open(String hash);

    /** Removes contents that no job needs and that were stored or asked for so long ago; gives how many. */
    int removeUnneeded(Duration olderThan);

    // ---- the rest ----

    /** The database's clock, kept here between looks at it: it does not jump when this machine's does. */
    long now();

    /** The database, for db-scheduler: autocommit connections. */
    javax.sql.DataSource queue();

    /** The database, for transactions of the users' own. */
    javax.sql.DataSource users();

    /** Whether it is PostgreSQL. */
    boolean isPostgres();

    /** Wakes whoever listens on other nodes; coalesced, never waits, and may be lost. */
    void wakeOthers();

    /** Calls that on a thread of the store when another node has something to say; where nobody can, never. */
    void onWake(Runnable task);

    @Override
    void close();
}
