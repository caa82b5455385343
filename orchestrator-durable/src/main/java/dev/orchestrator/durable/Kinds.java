package dev.orchestrator.durable;

import dev.orchestrator.Job;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The registered types of durable jobs. Thread-safe; reading takes no lock. */
final class Kinds {
    private final StoredTypes<RegisteredKind<?, ?>> kinds = new StoredTypes<>(RegisteredKind::stored);

    /**
     * Registers a type of jobs.
     *
     * @throws IllegalStateException if the name, or the class of a job, is registered already; saying what to do
     */
    void add(RegisteredKind<?, ?> kind) {
        kinds.add(kind);
    }

    /** Takes back exactly that one. */
    void remove(RegisteredKind<?, ?> kind) {
        kinds.remove(kind);
    }

    /**
     * The one for a job.
     *
     * @throws IllegalArgumentException if there is none; saying how to register it
     */
    @SuppressWarnings("unchecked") // what is registered for a job's class takes the job
    <J extends Job<R>, R extends @Nullable Object> RegisteredKind<J, R> of(J job) {
        RegisteredKind<?, ?> kind = kinds.find(job.getClass());
        if (kind != null) return (RegisteredKind<J, R>) kind;
        throw new IllegalArgumentException("jobs of type " + job.getClass().getName()
                + " are not registered as durable. Register them first: durable.register("
                + job.getClass().getSimpleName() + ".class, \"name\", 1, executor)");
    }

    /** The one under which jobs of that class are stored. */
    Optional<RegisteredKind<?, ?>> find(Class<?> jobType) {
        return Optional.ofNullable(kinds.find(jobType));
    }

    /** The one with that stored name. */
    Optional<RegisteredKind<?, ?>> find(String name) {
        return Optional.ofNullable(kinds.find(name));
    }

    Collection<RegisteredKind<?, ?>> all() {
        return kinds.all();
    }

    /** The names in the queue of everything that this program can do: of the types that are done here. */
    List<String> tasksDoneHere() {
        return kinds.all().stream()
                .filter(RegisteredKind::isDoneHere)
                .flatMap(kind -> kind.tasks().stream())
                .toList();
    }
}
