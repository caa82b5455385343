package dev.orchestrator;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Which errors are retried.
 *
 * <p>Classes are in a set, since their order says nothing; predicates in a list, so that nobody's {@code hashCode} is
 * called. Both are printed in the order in which they were declared.
 */
record RetriedErrors(
        Set<Class<? extends Throwable>> retryOn,
        List<Predicate<? super Throwable>> retryIf,
        Set<Class<? extends Throwable>> abortOn,
        List<Predicate<? super Throwable>> abortIf) {

    /** Every {@code Exception}, and no {@code Error}. */
    static final RetriedErrors EXCEPTIONS = new RetriedErrors(Set.of(), List.of(), Set.of(), List.of());

    RetriedErrors retryOn(List<Class<? extends Throwable>> types) {
        return new RetriedErrors(with(retryOn, types, "retryOn"), retryIf, abortOn, abortIf);
    }

    RetriedErrors retryIf(Predicate<? super Throwable> predicate) {
        return new RetriedErrors(retryOn, with(retryIf, predicate), abortOn, abortIf);
    }

    RetriedErrors abortOn(List<Class<? extends Throwable>> types) {
        return new RetriedErrors(retryOn, retryIf, with(abortOn, types, "abortOn"), abortIf);
    }

    RetriedErrors abortIf(Predicate<? super Throwable> predicate) {
        return new RetriedErrors(retryOn, retryIf, abortOn, with(abortIf, predicate));
    }

    /** Whether it is retried; throws what a predicate throws. */
    boolean admits(Throwable error) {
        if (error instanceof NonRetryable || isOneOf(abortOn, error) || passesOneOf(abortIf, error)) return false;
        if (retryOn.isEmpty() && retryIf.isEmpty()) return error instanceof Exception;
        return isOneOf(retryOn, error) || passesOneOf(retryIf, error);
    }

    private static boolean isOneOf(Set<Class<? extends Throwable>> types, Throwable error) {
        for (Class<? extends Throwable> type : types) if (type.isInstance(error)) return true;
        return false;
    }

    private static boolean passesOneOf(List<Predicate<? super Throwable>> predicates, Throwable error) {
        for (Predicate<? super Throwable> predicate : predicates) if (predicate.test(error)) return true;
        return false;
    }

    private static Set<Class<? extends Throwable>> with(
            Set<Class<? extends Throwable>> before, List<Class<? extends Throwable>> types, String what) {
        if (types.isEmpty()) {
            throw new IllegalArgumentException(
                    what + " needs a class, was given none. To keep the policy as it is, leave it out.");
        }
        var all = new LinkedHashSet<>(before);
        for (Class<? extends Throwable> type : types) {
            all.add(Objects.requireNonNull(type, () -> "a class given to " + what));
        }
        return Collections.unmodifiableSet(all);
    }

    /** A copy of the list, with one more at its end. */
    static <T> List<T> with(List<T> before, T last) {
        var all = new ArrayList<>(before);
        all.add(last);
        return List.copyOf(all);
    }

    /** As it was declared; of predicates only that they are there, since printing them would run a user's code. */
    @Override
    public String toString() {
        return printed(".retryOn", retryOn)
                + ".retryIf(...)".repeat(retryIf.size())
                + printed(".abortOn", abortOn)
                + ".abortIf(...)".repeat(abortIf.size());
    }

    private static String printed(String what, Set<Class<? extends Throwable>> types) {
        if (types.isEmpty()) return "";
        return types.stream().map(Class::getName).collect(Collectors.joining(", ", what + "(", ")"));
    }
}
