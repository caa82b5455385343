package dev.orchestrator.durable;

import dev.orchestrator.AsyncJobExecutor;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.Subscription;
import dev.orchestrator.durable.RegisteredKind.Doer;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Durable jobs: on disk before their dispatch returns, done on whichever process is alive, and told to their owner.
 *
 * <p>A type of jobs is registered here instead of with the {@link Dispatcher}, under a stable name and version; from then on
 * its jobs are dispatched as any others are, by an orchestrator or by the dispatcher, and their events come as those of any
 * other job do. The job may run more than once (a process dies in the middle of it), and has exactly one recorded ending.
 * An ending is acknowledged after its owner's handlers have returned: a crash in between tells it once more, to the next life
 * of that owner; {@link #acknowledge} makes it part of the handler's own transaction.
 *
 * <p>It begins to work with the first dispatch, with {@link #takeUp} or with {@link #start}. All methods may be called from any
 * thread; those that write wait for the disk. What cannot be stored or read throws a {@link DurableStoreException}.
 *
 * {@snippet :
 * try (var durable = Durable.open(dispatcher, DurableStore.sqlite(Path.of("jobs.db")))) {
 *     durable.register(SendInvoice.class, "send-invoice", 1, new SendInvoiceExecutor());
 *     durable.takeUp(invoices);                          // its jobs from before a restart, and the endings that it missed
 *     invoices.dispatch(new SendInvoice(orderId));       // survives a crash
 * }
 * }
 */
public final class Durable implements AutoCloseable {
    private final DurableModule module;

    private Durable(DurableModule module) {
        this.module = module;
    }

    /** Opens the database and makes what is needed to use it, with defaults for all the rest. */
    public static Durable open(Dispatcher dispatcher, DurableStore store) {
        return builder(dispatcher).store(store).build();
    }

    /** As {@link #open} with a SQLite file. */
    public static Durable sqlite(Dispatcher dispatcher, Path file) {
        return open(dispatcher, DurableStore.sqlite(file));
    }

    /** Begins to make one whose jobs go through that dispatcher. */
    public static Builder builder(Dispatcher dispatcher) {
        return new Builder(Objects.requireNonNull(dispatcher, "dispatcher"));
    }

    /** What a {@link Durable} is made of; the store is needed, all else has a default. Not for several threads at once. */
    public static final class Builder {
        private final Dispatcher dispatcher;
        private @Nullable DurableStore store;
        private int workers = 64;
        private Duration poll = Duration.ofSeconds(1);
        private Duration lease = Duration.ofSeconds(20);
        private Duration keep = Duration.ofDays(7);
        private Duration closeGrace = Duration.ofSeconds(5);
        private int mostCrashes = 10;
        private @Nullable JsonMapper mapper;
        private int largestPayload = 1 << 20;

        private Builder(Dispatcher dispatcher) {
            this.dispatcher = dispatcher;
        }

        /** Where the jobs are kept. */
        public Builder store(DurableStore value) {
            store = Objects.requireNonNull(value, "store");
            return this;
        }

        /**
         * How many durable jobs this process does at the same time, each on a virtual thread; 64 if not set, 0 for a process
         * that only dispatches and is told.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder workers(int value) {
            if (value < 0)
                throw new IllegalArgumentException("the number of workers must not be negative, was " + value);
            workers = value;
            return this;
        }

        /**
         * How often it looks for due jobs and for news when nobody wakes it; one second if not set.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder poll(Duration value) {
            poll = positive(value, "poll");
            return this;
        }

        /**
         * How long a process that says nothing counts as alive; 20 seconds if not set. A process that is dead or paused for
         * longer loses the jobs that it does; a job may take as long as it wants.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder lease(Duration value) {
            lease = positive(value, "lease");
            return this;
        }

        /**
         * How long ended jobs are kept; seven days if not set. Those whose ending nobody acknowledges are kept for thirty days,
         * and so are dead letters that are neither tried again nor discarded.
         *
         * @throws IllegalArgumentException if not positive
         */
        public Builder keepEnded(Duration value) {
            keep = positive(value, "keepEnded");
            return this;
        }

        /**
         * How long {@link Durable#close} lets running jobs go on before it hands them back; five seconds if not set.
         *
         * @throws IllegalArgumentException if negative
         */
        public Builder closeGrace(Duration value) {
            if (Objects.requireNonNull(value, "closeGrace").isNegative())
                throw new IllegalArgumentException("the grace of a closing must not be negative, was " + value);
            closeGrace = value;
            return this;
        }

        /**
         * After how many processes that died while they did it a job fails for good; 10 if not set.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder mostCrashes(int value) {
            if (value < 1) throw new IllegalArgumentException("at least 1 crash, was " + value);
            mostCrashes = value;
            return this;
        }

        /** How payloads and results become JSON; one that knows records, sealed families and {@code java.time} if not set. */
        public Builder mapper(JsonMapper value) {
            mapper = Objects.requireNonNull(value, "mapper");
            return this;
        }

        /**
         * How many bytes the JSON of a payload, a result or an event may have; 1,048,576 if not set. What is larger belongs in an attachment.
         *
         * @throws IllegalArgumentException if less than 1
         */
        public Builder largestPayload(int value) {
            if (value < 1) throw new IllegalArgumentException("a payload has at least 1 byte, was " + value);
            largestPayload = value;
            return this;
        }

        private static Duration positive(Duration value, String what) {
            if (Objects.requireNonNull(value, what).isPositive()) return value;
            throw new IllegalArgumentException(what + " must be positive, was " + value);
        }

        /**
         * Opens the database.
         *
         * @throws IllegalStateException if no store was set
         * @throws DurableStoreException if the database cannot be opened, or its schema is newer than this program
         */
        public Durable build() {
            DurableStore where = store;
            if (where == null)
                throw new IllegalStateException("durable jobs need a place; set store(DurableStore.sqlite(file))");
            var settings = new Settings(workers, poll, lease, keep, closeGrace, mostCrashes);
            var settingsOfJson = mapper == null ? JsonPayloads.settings() : mapper.rebuild();
            var payloads = new JsonPayloads(settingsOfJson, largestPayload);
            return new Durable(new DurableModule(dispatcher, where, settings, payloads));
        }
    }

    // ---- registering ----

    /**
     * Registers who does the jobs of a type, under a name that is stored with them; otherwise as
     * {@link Dispatcher#register(Class, JobExecutor)}.
     *
     * @param type the jobs' own class, or a sealed family
     * @param name stored with each job, so it stays when the class is renamed
     * @param version raised when the JSON changes so that older jobs need a step; 1 for the first
     * @throws IllegalStateException if the type or the name is registered already
     * @throws IllegalArgumentException if the name or the version is none, or the type of the result cannot be found
     */
    public <J extends Job<R>, R extends @Nullable Object> void register(
            Class<J> type, String name, int version, JobExecutor<? super J, ? extends R> executor) {
        register(type, name, version, executor, Handling.standard());
    }

    /** Registers who does the jobs of a type and how; otherwise as the shorter form. */
    public <J extends Job<R>, R extends @Nullable Object> void register(
            Class<J> type, String name, int version, JobExecutor<? super J, ? extends R> executor, Handling handling) {
        module.register(
                type, name, version, handling, new Doer.OnThreads<>(Objects.requireNonNull(executor, "executor")));
    }

    /** Registers who begins the jobs of a type and answers with a stage; otherwise as {@link #register}. */
    public <J extends Job<R>, R extends @Nullable Object> void registerAsync(
            Class<J> type,
            String name,
            int version,
            AsyncJobExecutor<? super J, ? extends R> executor,
            Handling handling) {
        module.register(
                type, name, version, handling, new Doer.WithStages<>(Objects.requireNonNull(executor, "executor")));
    }

    /** Registers a type whose jobs are only dispatched here, and done by other processes; otherwise as {@link #register}. */
    public <J extends Job<R>, R extends @Nullable Object> void registerElsewhere(
            Class<J> type, String name, int version, Handling handling) {
        module.register(type, name, version, handling, new Doer.Elsewhere<>());
    }

    /**
     * Registers a type of events that durable jobs emit; one that is not registered cannot be emitted by them.
     *
     * @throws IllegalStateException if the type or the name is registered already
     */
    public <E extends Event> void registerEvent(Class<E> type, String name, int version) {
        registerEvent(type, name, version, Handling.standard());
    }

    /** Registers a type of events with steps from its older versions; of the handling nothing else counts. */
    public <E extends Event> void registerEvent(Class<E> type, String name, int version, Handling handling) {
        module.registerEvent(type, name, version, handling);
    }

    /**
     * Dispatches a durable job again and again, once for all processes that say so under that name.
     *
     * <p>The jobs belong to no orchestrator; the id of each is the name and the time of its tick, so that a tick that a crash
     * interrupts brings one job.
     *
     * @param name stored, so it stays; 1 to 200 characters
     * @param job makes the job of each tick, of a registered type
     * @throws IllegalStateException if there is one with that name here, or this is closed
     * @throws IllegalArgumentException if the name is blank or too long
     */
    public void recurring(String name, Recurrence recurrence, Supplier<? extends Job<?>> job) {
        module.recurring(name, Objects.requireNonNull(recurrence, "recurrence"), Objects.requireNonNull(job, "job"));
    }

    // ---- working ----

    /** Begins to do jobs and to tell of them, for a process that dispatches nothing; later calls do nothing. */
    public void start() {
        module.open();
    }

    /**
     * Gives an orchestrator the jobs of its earlier lives: those under way are its own when this returns, and the endings and
     * events that it missed are told, as active ones.
     *
     * <p>They are found by its {@linkplain BaseOrchestrator#name name}, which has to be the same in each life, and another one
     * than that of others. Jobs of a process that is alive stay with that one until its lease is over. What it dispatches from
     * now on is its own anyway.
     *
     * @return the way to end that: later news of earlier lives stay in the database
     * @throws IllegalStateException if another orchestrator with that name was taken up and is not closed, or this or the
     *     orchestrator is closed
     */
    public Subscription takeUp(BaseOrchestrator<?> orchestrator) {
        return module.takeUp(Objects.requireNonNull(orchestrator, "orchestrator"));
    }

    /** Dispatches a durable job that belongs to no orchestrator; as {@link Dispatcher#dispatch(Job)}. */
    public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job) {
        return dispatch(job, JobOptions.none());
    }

    /**
     * Dispatches a durable job with options; as {@link Dispatcher#dispatch(Job, JobOptions)}, but for an id that is there.
     *
     * <p>The same job again with the same id of the caller's choice, after an uncertain answer for instance, is one job: this
     * gives the way to its ending, which may be recorded already.
     *
     * @throws IllegalArgumentException if the job's type is registered, but not here; or the options cannot be stored
     * @throws IllegalStateException if the id belongs to another durable job
     */
    public <R extends @Nullable Object> JobHandle<R> dispatch(Job<R> job, JobOptions options) {
        return module.dispatch(Objects.requireNonNull(job, "job"), Objects.requireNonNull(options, "options"));
    }

    /**
     * Stores a job in a transaction of the caller's on this database: rolled back with it, visible with its commit.
     *
     * <p>It belongs to no orchestrator and has no handle; it runs once the transaction is committed and somebody looks.
     *
     * @param transaction a connection with auto-commit off, to the database of this
     * @return the id of the job
     * @throws IllegalArgumentException if the connection is in auto-commit or to another kind of database, or the
     *     options cannot be stored or have a token
     * @throws IllegalStateException if the id belongs to another durable job
     * @throws dev.orchestrator.JobRejectedException if its key is in use
     */
    public String dispatchIn(Connection transaction, Job<?> job, JobOptions options) {
        return module.dispatchIn(transaction, null, job, options);
    }

    /**
     * As the other one, for a job of that orchestrator, which owns it once it is visible.
     *
     * @throws IllegalStateException if another orchestrator with its name was taken up and is not closed, or it is closed
     */
    public String dispatchIn(Connection transaction, BaseOrchestrator<?> owner, Job<?> job, JobOptions options) {
        return module.dispatchIn(transaction, Objects.requireNonNull(owner, "owner"), job, options);
    }

    /**
     * Acknowledges an ending inside a transaction of the handler's own, so that what the handler writes there happens once,
     * whatever crashes; the framework does not acknowledge it any more.
     *
     * {@snippet :
     * protected void onActiveSuccess(JobSuccessEvent<?> event) {
     *     inTransaction(connection -> {
     *         if (durable.acknowledge(connection, event.correlationId())) book(connection, event.job(), event.data());
     *     });
     * }
     * }
     *
     * <p>A handler that throws before it has called this counts as having handled the ending, like any other: what may fail for a
     * moment, such as getting the connection, is to be tried again inside the handler.
     *
     * @return whether it was not acknowledged before: false says that somebody has handled it
     */
    public boolean acknowledge(Connection transaction, String jobId) {
        return module.acknowledge(transaction, jobId);
    }

    /**
     * Cancels a job wherever it is: one that waits never runs, one that runs is interrupted, here or on another machine.
     *
     * @return whether it had not ended, as far as the database knows; its ending may still be another one
     * @throws IllegalArgumentException if {@code reason} is blank
     */
    public boolean cancel(String jobId, String reason) {
        Objects.requireNonNull(jobId, "jobId");
        if (Objects.requireNonNull(reason, "reason").isBlank())
            throw new IllegalArgumentException(
                    "the reason of a cancellation must not be blank, was \"" + reason + "\"");
        return module.cancelled(jobId, reason);
    }

    /** Looks at the jobs in the database, and unparks them. */
    public DurableJobs jobs() {
        return module.jobs();
    }

    /** Looks at what has failed for good, and tries it again or not. */
    public DeadLetters deadLetters() {
        return module.deadLetters();
    }

    /** Copies files that jobs need into the database. */
    public Attachments attachments() {
        return module.attachments();
    }

    /**
     * Connections to the same database, for transactions of the user's own. They are to be closed, and soon: on SQLite nobody
     * else writes while such a transaction has written, so inside of one use {@link #dispatchIn}, not {@link #dispatch}.
     */
    public DataSource dataSource() {
        return module.store().users();
    }

    /**
     * Takes no more jobs, lets those that run here go on for the grace, hands the rest back, and returns.
     *
     * <p>No job ends by that: they go on elsewhere or in the next life, and those who wait at a handle here get an
     * {@link IllegalStateException}. Close it before its dispatcher. Closing twice does no harm.
     */
    @Override
    public void close() {
        module.close();
    }
}
