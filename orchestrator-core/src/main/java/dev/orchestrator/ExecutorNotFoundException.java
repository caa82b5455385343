package dev.orchestrator;

import java.io.Serial;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Tells whoever dispatches a job that no executor is registered for the job's type; nothing is tracked (P9). */
public class ExecutorNotFoundException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    private static final int NAMES_SHOWN = 3;

    /** The type without an executor. */
    private final Class<?> jobType;

    /** The types that have one; for the message, which is made when somebody reads it. */
    private final transient @Nullable Set<Class<?>> registered;

    private transient @Nullable String message;

    ExecutorNotFoundException(Class<?> jobType, Set<Class<?>> registered) {
        this.jobType = jobType;
        this.registered = registered;
    }

    /** The type of the job that could not be dispatched. */
    public Class<?> jobType() {
        return jobType;
    }

    @Override
    public String getMessage() {
        String known = message;
        if (known == null) message = known = describe();
        return known;
    }

    private String describe() {
        var text = new StringBuilder("no executor for job type " + jobType.getName()
                + ". Register one before dispatching:\n    dispatcher.register(" + Ids.nameOf(jobType)
                + ".class, executor).");
        if (registered == null) return text.toString();
        if (registered.isEmpty()) return text.append(" None is registered yet.").toString();
        if (registered.stream().anyMatch(other -> other.getName().equals(jobType.getName()))) {
            return text.append(" A type of the same name, from another class loader, is registered.")
                    .toString();
        }
        return text.append(" Nearest of the " + registered.size() + " registered: " + nearest(registered) + ".")
                .toString();
    }

    private String nearest(Set<Class<?>> types) {
        record Candidate(String name, int distance) {}
        List<Candidate> all = types.stream()
                .map(type -> new Candidate(type.getName(), distance(Ids.nameOf(jobType), Ids.nameOf(type))))
                .toList();
        return all.stream()
                .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .limit(NAMES_SHOWN)
                .map(Candidate::name)
                .collect(Collectors.joining(", "));
    }

    /** How many letters must be added, removed or changed to make one name of the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) before[j] = j;
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(changed, Math.min(before[j], row[j - 1]) + 1);
            }
            before = row;
        }
        return before[other.length()];
    }
}
