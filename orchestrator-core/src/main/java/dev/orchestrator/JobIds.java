package dev.orchestrator;

/**
 * Makes correlation ids for jobs that bring their own.
 *
 * <p>An id is the prefix, a hyphen and 29 characters that sort by time. No two calls give the same id, whatever the
 * thread, the restart or the machine (80 random bits tell processes apart), and the ids that one thread makes with one
 * prefix sort in the order in which it made them. Any thread may call; nobody waits.
 */
public final class JobIds {
    private JobIds() {}

    /**
     * Makes the next id.
     *
     * @param prefix what the id begins with, for people who read it
     * @throws IllegalArgumentException if {@code prefix} is blank
     */
    public static String next(String prefix) {
        return Ids.SYSTEM.next(Ids.checked(prefix, "the prefix of an id"));
    }
}
