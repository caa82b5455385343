package dev.orchestrator.durable;

import java.util.List;

/**
 * Some of the jobs that a query finds, in the order of acceptance.
 *
 * @param jobs those of this page; a copy
 * @param next where the next page begins: the argument for it; -1 if there is none
 */
public record Page(List<DurableJob> jobs, long next) {
    /** Keeps a copy of the list. */
    public Page {
        jobs = List.copyOf(jobs);
    }

    /** Whether there is another page. */
    public boolean hasNext() {
        return next >= 0;
    }
}
