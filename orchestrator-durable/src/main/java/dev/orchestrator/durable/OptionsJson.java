package dev.orchestrator.durable;

import dev.orchestrator.JobOptions;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SameKeyRule;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a dispatch asked for, as JSON: what those have to know who make the attempts. The time limit in all, the key, the
 * delay and the priority are stored beside it; the id and the token are for the dispatch itself.
 *
 * <p>Options do not tell what is unset from what is set to what unset means ({@code noAttemptTimeout()}, a grace of five
 * seconds). It makes a difference, since what is unset falls through to the registration. So options with what can be seen
 * are made again, with and without each of these, until one equals those that were asked for; if none does, they have an
 * extra that is not known here.
 */
final class OptionsJson {
    private static final String NONE = "none";

    private OptionsJson() {}

    static String encode(JobOptions asked) {
        if (asked.equals(JobOptions.none())) return "{}";
        refuse(asked);
        ObjectNode document = Documents.create();
        for (Hidden hidden : hiddenIn(asked)) hidden.write.accept(document);
        put(document, "attemptTimeout", asked.attemptTimeout());
        put(document, "progressInterval", asked.progressInterval());
        return Documents.text(document);
    }

    private static void put(ObjectNode document, String name, @Nullable Duration value) {
        if (value != null) document.put(name, value.toString());
    }

    private static void refuse(JobOptions asked) {
        refuse(
                !asked.retry().equals(RetryPolicy.none()),
                "a retry policy cannot be stored with a durable job",
                "set it where the type is registered, or in the job's own options (JobWithOptions)");
        refuse(
                asked.worker() != null,
                "a worker cannot be stored with a durable job",
                "set it where the type is registered, or in the job's own options (JobWithOptions)");
        refuse(
                asked.limit() != null || asked.keyLimit() != null,
                "a limit cannot be given to a single durable job",
                "limit the type where it is registered, or use queueIfRunning for one job of a key at a time");
        JobOptions.SameKey key = asked.sameKey();
        refuse(
                key != null && key.rule() instanceof SameKeyRule.Debounce,
                "debounce is not for durable jobs",
                "use replaceRunning, or debounce before the dispatch");
        refuse(
                key != null && key.rule() instanceof SameKeyRule.Throttle,
                "throttle is not for durable jobs",
                "use dropIfRunning, or throttle before the dispatch");
    }

    private static void refuse(boolean isAsked, String what, String instead) {
        if (isAsked) throw new IllegalArgumentException(what + "; " + instead);
    }

    /** Something that is set although it cannot be seen. */
    private record Hidden(Consumer<JobOptions.Builder> set, Consumer<ObjectNode> write) {}

    /** Which of the things that cannot be seen are set: found by trying. */
    private static List<Hidden> hiddenIn(JobOptions asked) {
        List<Hidden> possible = possiblyHidden(asked);
        for (int chosen = 0; chosen < 1 << possible.size(); chosen++) {
            var these = new ArrayList<Hidden>();
            for (int i = 0; i < possible.size(); i++) if ((chosen >> i & 1) == 1) these.add(possible.get(i));
            JobOptions.Builder again = whatIsSeen(asked);
            these.forEach(hidden -> hidden.set.accept(again));
            if (again.build().equals(asked)) return these;
        }
        throw new IllegalArgumentException("the options have an extra of another module, which cannot be stored with a"
                + " durable job; only DurableOptions can. Leave it out, or set it where the type is registered");
    }

    private static List<Hidden> possiblyHidden(JobOptions asked) {
        var possible = new ArrayList<Hidden>();
        Duration grace = asked.grace();
        possible.add(new Hidden(it -> it.grace(grace), it -> it.put("grace", grace.toString())));
        if (asked.timeout() == null) possible.add(new Hidden(it -> it.noTimeout(), it -> {}));
        if (asked.attemptTimeout() == null)
            possible.add(new Hidden(it -> it.noAttemptTimeout(), it -> it.put("attemptTimeout", NONE)));
        if (asked.progressInterval() == null)
            possible.add(new Hidden(it -> it.progressInterval(Duration.ZERO), it -> it.put("progressInterval", NONE)));
        possible.add(new Hidden(it -> it.retry(RetryPolicy.none()), it -> it.put("retry", NONE)));
        return possible;
    }

    private static JobOptions.Builder whatIsSeen(JobOptions asked) {
        JobOptions.Builder options = JobOptions.builder();
        with(asked.id(), options::id);
        with(asked.timeout(), options::timeout);
        with(asked.attemptTimeout(), options::attemptTimeout);
        with(asked.progressInterval(), options::progressInterval);
        with(asked.token(), options::token);
        with(asked.sameKey(), key -> addKey(options, key));
        with(asked.extra(DurableOptions.class), extra -> options.extra(DurableOptions.class, extra));
        return options;
    }

    private static <T> void with(@Nullable T value, Consumer<T> use) {
        if (value != null) use.accept(value);
    }

    private static void addKey(JobOptions.Builder options, JobOptions.SameKey key) {
        switch (key.rule()) {
            case SameKeyRule.Join join -> options.joinRunning(key.key());
            case SameKeyRule.Drop drop -> options.dropIfRunning(key.key());
            case SameKeyRule.Replace replace -> options.replaceRunning(key.key());
            case SameKeyRule.Queue queue -> options.queueIfRunning(key.key(), queue.waiting());
            case SameKeyRule.Debounce debounce -> options.debounce(key.key(), debounce.silence());
            case SameKeyRule.Throttle throttle -> options.throttle(key.key(), throttle.window());
        }
    }

    static JobOptions decode(String json) {
        if (json.equals("{}")) return JobOptions.none();
        ObjectNode document = Documents.read(json, "the stored options");
        JobOptions.Builder options = JobOptions.builder();
        try {
            with(Documents.text(document, "grace"), grace -> options.grace(Duration.parse(grace)));
            with(Documents.text(document, "attemptTimeout"), limit -> {
                if (limit.equals(NONE)) options.noAttemptTimeout();
                else options.attemptTimeout(Duration.parse(limit));
            });
            with(
                    Documents.text(document, "progressInterval"),
                    interval ->
                            options.progressInterval(interval.equals(NONE) ? Duration.ZERO : Duration.parse(interval)));
            if (Objects.equals(Documents.text(document, "retry"), NONE)) options.retry(RetryPolicy.none());
            return options.build();
        } catch (DateTimeException | IllegalArgumentException wrong) {
            throw new UnreadableException("the stored options cannot be read: a duration in it is none", null);
        }
    }
}
