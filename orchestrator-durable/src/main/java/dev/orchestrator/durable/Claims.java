package dev.orchestrator.durable;

import com.github.kagkarlsson.scheduler.jdbc.JdbcTaskRepositoryContext;
import com.github.kagkarlsson.scheduler.task.Execution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Claims due works for this process: only of tasks that are done here and worth a try, and no more than there are workers.
 *
 * <p>Called by db-scheduler, on its one thread for this. Recurring tasks are claimed apart, so that they wait for no worker
 * and are due too where no works are done.
 */
final class Claims {
    /** How many recurring tasks this process ticks at the same time. */
    static final int RECURRING = 8;

    /** One that is worked on, and one whose result is being written. */
    static final int CLAIMS_PER_WORKER = 2;

    /**
     * How a database locks the most urgent due rows of these tasks, and gives them: one priority after the other, so that its
     * index leads to what is due. In the order of priority and time, a million works that are not due would all be looked at.
     */
    interface Statement {
        List<Execution> lock(JdbcTaskRepositoryContext context, Instant now, Collection<String> tasks, int limit);
    }

    private final Works works;
    private final Glances glances;
    private final KindTable kinds;
    private final Recurring recurring;
    private final int workers;

    // Written by the claiming thread, and raised by whoever stores a work that no worker is free for; read by those
    // whose work is over, who wake the claiming thread: one that sees an old value leaves that to the next, or the
    // poll.
    private volatile boolean isMore = true;

    // How many works were noted that wait; whoever raises it then raises isMore.
    private final AtomicInteger noted = new AtomicInteger();

    Claims(Works works, Glances glances, KindTable kinds, Recurring recurring, int workers) {
        this.works = works;
        this.glances = glances;
        this.kinds = kinds;
        this.recurring = recurring;
        this.workers = workers;
    }

    List<Execution> claim(JdbcTaskRepositoryContext context, Instant now, int most, Statement statement) {
        var claimed = new ArrayList<Execution>();
        List<String> ticking = recurring.tasks();
        if (!ticking.isEmpty() && !works.isClosed())
            claimed.addAll(statement.lock(context, now, ticking, Math.min(most, RECURRING)));
        isMore = workers > 0; // before it is asked who is free: whoever leaves from here on wakes this thread
        int before = noted.get();
        List<String> tasks = kinds.claimable();
        int rest = most - claimed.size();
        List<Execution> picked =
                works.claim(() -> lock(tasks, rest, free -> statement.lock(context, now, tasks, free)), List.of());
        if (noted.get() != before) isMore = workers > 0; // who notes a work counts first: so one of the two writes last
        glances.look(picked.stream().map(Leases::claimOf).toList());
        claimed.addAll(picked);
        return claimed;
    }

    /** With the lock of the works: nobody else takes the workers that are counted as free here. */
    private List<Execution> lock(List<String> tasks, int most, IntFunction<List<Execution>> statement) {
        int free = Math.min(most, free());
        List<Execution> picked = free > 0 && !tasks.isEmpty() ? statement.apply(free) : List.of();
        isMore = workers > 0 && !tasks.isEmpty() && picked.size() >= free;
        return picked;
    }

    /**
     * Takes a worker for a work that is about to be stored, so that it need not be claimed after that; false if none is free or
     * others may wait for one. The work has to be counted as {@linkplain Works#over over} in any case. Calls no code of users.
     */
    boolean claimOne(String task) {
        return !isMore && kinds.isClaimableAtOnce(task) && works.claimOne(() -> !isMore && free() > 0);
    }

    /** A work was stored that waits for a worker. */
    void noteWaiting() {
        noted.incrementAndGet();
        isMore = workers > 0;
    }

    /** Workers that are free; as many results as there are workers may wait for the disk meanwhile. */
    private int free() {
        return Math.min(workers - works.busy(), CLAIMS_PER_WORKER * workers - works.claimed());
    }

    /** Whether there may be more due works than there were workers free. */
    boolean isMore() {
        return isMore;
    }

    /** Whether to look for more now that a worker is free: not for each one, so that several are claimed at once. */
    boolean isToClaimMore() {
        return isMore && free() >= (workers + 1) / 2;
    }
}
