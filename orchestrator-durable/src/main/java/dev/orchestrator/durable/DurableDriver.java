package dev.orchestrator.durable;

import dev.orchestrator.Job;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.JobRejectedException.Reason;
import dev.orchestrator.SameKeyRule;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import dev.orchestrator.spi.Threads.Role;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Stores the jobs of one kind when they are dispatched, and hands wishes to stop them to the database. */
final class DurableDriver<J extends Job<R>, R extends @Nullable Object> implements JobDriver<J, R> {
    /** What a driver needs of the module that it belongs to. */
    interface Module {
        /** Whether attempts are made on that bus: what is dispatched there is a child of one. */
        boolean isForAttempts(SignalBus bus);

        /** Begins to work, if it has not; refuses if it is closed. */
        void open();

        String node();

        Payloads payloads();

        Telling telling();

        /** Stores it, and has it begun with if it may run now. */
        Store.Dispatched dispatch(Store.NewJob job);

        /** This process is told of that owner's jobs, unless another one that is alive is. */
        void takeOver(String owner);

        /** Its ending will be looked for. */
        void watch(String id);

        void cancel(String id, String reason);
    }

    private final Module module;
    private final Kind<J, R> kind;

    DurableDriver(Module module, Kind<J, R> kind) {
        this.module = module;
        this.kind = kind;
    }

    @Override
    public void start(J job, JobControl<R> control) {
        if (module.isForAttempts(control.bus()))
            throw new IllegalArgumentException(
                    "a durable job is no child of an attempt at another one, which may be made"
                            + " again anywhere; dispatch it with durable.dispatch, or when the other one has ended");
        module.open();
        Store.NewJob fresh = toStore(
                job,
                control.id(),
                control.asked(),
                control.options(),
                control.ownerName().orElse(null),
                true);
        Told told = module.telling()
                .begin(job, control, kind, fresh.owner()); // before it is stored, since it may end at once
        Store.Dispatched done;
        try {
            done = module.dispatch(fresh);
        } catch (Throwable refused) {
            module.telling().forget(told);
            throw refused;
        }
        switch (done) {
            case Store.Dispatched.Added added -> {}
            case Store.Dispatched.Claimed claimed -> {}
            case Store.Dispatched.Exists(DurableJob earlier) -> takePart(job, told, fresh, earlier);
            case Store.Dispatched.KeyInUse(int waiting) -> {
                module.telling().forget(told);
                throw keyInUse(job, Objects.requireNonNull(control.options().sameKey()), waiting);
            }
        }
        obey(control);
    }

    @Override
    public void adopt(J job, JobControl<R> control) {
        module.open();
        module.telling().adopt(job, control, kind);
        obey(control);
    }

    private void obey(JobControl<R> control) {
        String id = control.id();
        control.onStop(reason -> control.bus().threads().start(Role.WORKER, id, () -> module.cancel(id, reason)));
    }

    /** The same id again, after an uncertain answer for instance: it is one job. */
    private void takePart(J job, Told told, Store.NewJob fresh, DurableJob earlier) {
        try {
            refuseAnother(kind, job, fresh, earlier);
        } catch (IllegalStateException refused) {
            module.telling().forget(told);
            throw refused;
        }
        String owner = earlier.owner();
        if (owner != null && told.control().ownerName().filter(owner::equals).isPresent()) {
            module.takeOver(owner); // or what is acknowledged here would be told again
            module.telling().readHereNow(told);
        }
        if (earlier.state().isEnded()) module.telling().endFound(told, earlier);
        else module.watch(earlier.id());
    }

    /** Refuses a job whose id belongs to another one; the same job again is fine. */
    static <J extends Job<?>> void refuseAnother(Kind<J, ?> kind, J job, Store.NewJob fresh, DurableJob earlier) {
        if (earlier.type().equals(fresh.type())
                && (earlier.payload().equals(fresh.payload()) || isReadAs(kind, job, earlier))) return;
        throw new IllegalStateException("the id " + fresh.id() + " belongs to another durable job, of type "
                + earlier.type() + ", accepted at " + earlier.accepted() + "; give this one an id of its own");
    }

    /** The same value may have been stored otherwise: its sets in another order, or by an older version. */
    private static <J extends Job<?>> boolean isReadAs(Kind<J, ?> kind, J job, DurableJob earlier) {
        try {
            return job.equals(kind.decode(earlier.version(), earlier.payload()));
        } catch (UnreadableException another) {
            return false;
        }
    }

    /** What is stored of a job. */
    Store.NewJob toStore(J job, String id, JobOptions asked, JobOptions settled, @Nullable String owner, boolean seen) {
        String options = module.payloads().encodeOptions(asked);
        Payloads.Encoded payload = kind.encode(job);
        DurableOptions when = DurableOptions.of(settled);
        JobOptions.KeyLimit perKey = settled.keyLimit();
        if (perKey != null) textOf(perKey.key());
        return new Store.NewJob(
                Utf8.checkedName(id, "the id"),
                kind.name(),
                kind.version(),
                payload.json(),
                options,
                when.priority(),
                when.delay(),
                when.startAt() == null ? null : when.startAt().toEpochMilli(),
                settled.timeout(),
                key(settled),
                owner,
                module.node(),
                seen,
                owner != null,
                null,
                payload.attachments());
    }

    private static Store.@Nullable Key key(JobOptions settled) {
        JobOptions.SameKey key = settled.sameKey();
        if (key == null) return null;
        String text = textOf(key.key());
        return switch (key.rule()) {
            case SameKeyRule.Join join -> new Store.Key(text, Store.KeyRule.JOIN, 0);
            case SameKeyRule.Drop drop -> new Store.Key(text, Store.KeyRule.DROP, 0);
            case SameKeyRule.Replace replace -> new Store.Key(text, Store.KeyRule.REPLACE, 0);
            case SameKeyRule.Queue(int waiting) -> new Store.Key(text, Store.KeyRule.QUEUE, waiting);
            case SameKeyRule.Debounce debounce -> throw notStored("a debounce");
            case SameKeyRule.Throttle throttle -> throw notStored("a throttle");
        };
    }

    private static IllegalArgumentException notStored(String what) {
        return new IllegalArgumentException(what + " holds in one process only and is nothing for a durable job;"
                + " use a key with another rule, or a delay");
    }

    /** A key on many machines is a text; what has the same text is the same key. */
    static String textOf(Object key) {
        String text = switch (key) {
            case String plain -> plain;
            case Number number -> number.toString();
            case UUID uuid -> uuid.toString();
            case Enum<?> constant -> constant.name();
            case Boolean bool -> bool.toString();
            case Character letter -> letter.toString();
            default ->
                throw new IllegalArgumentException("the key of a durable job is compared on many machines, as a"
                        + " text, so it is a String, a number, a UUID or an enum constant, and not a "
                        + key.getClass().getName());
        };
        return Utf8.checkedName(text, "the key");
    }

    static JobRejectedException keyInUse(Job<?> job, JobOptions.SameKey key, int waiting) {
        String type = job.getClass().getName();
        return key.rule() instanceof SameKeyRule.Queue(int most)
                ? new JobRejectedException(
                        Reason.KEY_QUEUE_FULL,
                        key.key(),
                        waiting + " durable jobs of type " + type + " wait for the same key, and " + most
                                + " may; wait until some have ended, or allow more")
                : new JobRejectedException(
                        Reason.KEY_IN_USE,
                        key.key(),
                        "a durable job of type " + type
                                + " with the same key is under way, and this one asked to be dropped"
                                + " then; wait for its ending, or join it");
    }
}
