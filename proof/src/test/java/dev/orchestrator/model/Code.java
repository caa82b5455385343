package dev.orchestrator.model;

import dev.orchestrator.Event;
import dev.orchestrator.JobContext;
import dev.orchestrator.JobHandle;
import dev.orchestrator.model.JobSpec.Ends;
import dev.orchestrator.model.JobSpec.Never;
import dev.orchestrator.model.JobSpec.Part;
import dev.orchestrator.model.JobSpec.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** What the jobs of a program do, and who was inside at the same time as others. */
final class Code {
    record Talked(int number) implements Event {}

    private static final Duration VERY_LONG = Duration.ofDays(100);

    final ConcurrentLinkedQueue<Integer> entered =
            new ConcurrentLinkedQueue<>(); // numbers of jobs, once for each attempt
    final Set<Integer> deaf = ConcurrentHashMap.newKeySet(); // numbers of jobs that wait deaf to interrupts
    final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();

    private final JobHandle<Integer> release; // never over until deaf code shall go on
    private final Map<String, AtomicInteger> inside = new ConcurrentHashMap<>();
    private volatile boolean countsNoMore;

    Code(JobHandle<Integer> release) {
        this.release = release;
    }

    int work(Work work, JobContext context) throws Exception {
        JobSpec spec = work.spec();
        entered.add(work.number());
        boolean isLimited = spec.limit() > 0;
        // Whoever is next does not wait for deaf code longer than its grace; a limit counts it until it has left.
        boolean isAlone = spec.sameKey().isOneAtATime() && spec.ends() != Ends.DEAF;
        if (isLimited) enter("limit " + spec.limit(), JobSpec.IN_FLIGHT.get(spec.limit() - 1), work);
        if (isAlone) enter("key " + spec.key(), 1, work);
        try {
            return attempt(work, context);
        } finally {
            if (isLimited) leave("limit " + spec.limit());
            if (isAlone) leave("key " + spec.key());
        }
    }

    private void enter(String where, int allowed, Work work) {
        int now = inside.computeIfAbsent(where, any -> new AtomicInteger()).incrementAndGet();
        if (now > allowed && !countsNoMore) wrong.add("P11: " + now + " are in " + where + " at once, with " + work);
    }

    private void leave(String where) {
        inside.get(where).decrementAndGet();
    }

    private int attempt(Work work, JobContext context) throws Exception {
        JobSpec spec = work.spec();
        if (spec.talks()) {
            context.progress(0.5);
            context.emit(new Talked(work.number()));
        }
        if (spec.child()) {
            var part = context.dispatch(new Part(work.number()));
            if (part.await(VERY_LONG).orThrow() != work.number()) throw new AssertionError("the result of another job");
        }
        if (context.attempt() <= spec.fails()) throw new IOException("attempt " + context.attempt());
        switch (spec.ends()) {
            case RETURNS -> {}
            case THROWS -> throw new IOException("the last attempt");
            case THROWS_ERROR -> throw new StackOverflowError("on purpose");
            case HANGS ->
                context.dispatch(new Never(work.number())).await(VERY_LONG).orThrow();
            case DEAF -> {
                deaf.add(work.number());
                while (!isReleased()) {}
                deaf.remove(work.number());
            }
        }
        return work.number();
    }

    /** From now on a clock on real threads may be ahead of code that is stopped, by more than its grace. */
    void countNoMore() {
        countsNoMore = true;
    }

    void releaseDeaf() {
        release.cancel("all may go on");
    }

    private boolean isReleased() {
        try {
            release.await(VERY_LONG);
            return true;
        } catch (InterruptedException notHeard) {
            return false;
        } catch (TimeoutException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
