package dev.orchestrator.durable;

import dev.orchestrator.JobOptions;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * How the jobs of a type are handled that is registered with a {@link Durable}: options, older versions, a condition. A value.
 *
 * {@snippet :
 * durable.register(SendInvoice.class, "send-invoice", 2, new SendInvoiceExecutor(), Handling.standard()
 *         .upcast(1, json -> json.put("currency", "EUR"))          // what version 1 did not have
 *         .runningWhen(online)
 *         .options(JobOptions.builder().retry(RetryPolicy.exponential(5, Duration.ofSeconds(1))).build()));
 * }
 */
public final class Handling {
    private static final Handling STANDARD = new Handling(JobOptions.none(), Map.of(), null, null);

    private final JobOptions options;
    private final Map<Integer, UnaryOperator<ObjectNode>> upcasters;
    private final @Nullable Condition condition;
    private final @Nullable Predicate<? super Throwable> offline;

    private Handling(
            JobOptions options,
            Map<Integer, UnaryOperator<ObjectNode>> upcasters,
            @Nullable Condition condition,
            @Nullable Predicate<? super Throwable> offline) {
        this.options = options;
        this.upcasters = upcasters;
        this.condition = condition;
        this.offline = offline;
    }

    /** No options, no older versions, no condition. */
    public static Handling standard() {
        return STANDARD;
    }

    /**
     * The same with options for all jobs of the type: the weakest source, as at any registration. Their limit counts on all
     * machines together, and a job that finds it reached waits in the database, whatever the limit says of waiting.
     */
    public Handling options(JobOptions value) {
        return new Handling(Objects.requireNonNull(value, "options"), upcasters, condition, offline);
    }

    /**
     * The same with a step that turns the JSON of a version into that of the next one.
     *
     * @param from the version that it reads; 1 or more
     * @param step changes the object that it is given, or makes another; null is refused
     * @throws IllegalArgumentException if there is such a step already, or {@code from} is less than 1
     */
    public Handling upcast(int from, UnaryOperator<ObjectNode> step) {
        Objects.requireNonNull(step, "step");
        if (from < 1) throw new IllegalArgumentException("versions begin with 1, there is no version " + from);
        var more = new TreeMap<>(upcasters);
        if (more.putIfAbsent(from, step) != null)
            throw new IllegalArgumentException("there is a step from version " + from + " already");
        return new Handling(options, Collections.unmodifiableMap(more), condition, offline);
    }

    /**
     * The same for jobs that run only while a condition holds on the machine that would do them.
     *
     * @throws IllegalArgumentException if the name of the condition is blank or none that it can have
     */
    public Handling runningWhen(Condition value) {
        Conditions.checkedName(Objects.requireNonNull(value, "condition").name());
        return new Handling(options, upcasters, value, offline);
    }

    /**
     * The same with other errors that say "offline": one of them puts a job back, until its condition holds if it has one, and
     * burns no attempt. Unless set, these are {@link OfflineException} and, for jobs that have a condition, the errors of a
     * connection that could not be made.
     */
    public Handling offlineIf(Predicate<? super Throwable> value) {
        return new Handling(options, upcasters, condition, Objects.requireNonNull(value, "offline"));
    }

    JobOptions options() {
        return options;
    }

    Map<Integer, UnaryOperator<ObjectNode>> upcasters() {
        return upcasters;
    }

    @Nullable
    Condition condition() {
        return condition;
    }

    @Nullable
    Predicate<? super Throwable> offline() {
        return offline;
    }
}
