package dev.orchestrator.spi;

import dev.orchestrator.Event;
import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import org.jspecify.annotations.Nullable;

/**
 * Takes what an attempt says that was made with {@link DrivenType#attempt}.
 *
 * <p>Called on the threads of the attempt while it is under way, and not any more once its ending is decided; what a method
 * throws is thrown to the code that said it. Where several threads say something at once, calls may overlap, but for those of
 * {@link #progress}. A report that an interval of progress has kept back comes on a thread of the framework, or when the
 * code has returned; what is thrown then goes to the log and the error handler. So does what is thrown where the code is
 * shared with other jobs.
 */
public interface AttemptReports {
    /** Which attempt at the driven job this is, 1 for the first: what the executor's context says. Asked once, at the beginning. */
    int number();

    /** The executor emits an event; never a {@link dev.orchestrator.JobEvent}. */
    void emit(Event event);

    /**
     * The executor says how far it is: in order, lower fractions left out, at most one within the interval of progress.
     *
     * <p>Called by one thread at a time. Where several threads report at once, the last one may stand for those before it.
     */
    void progress(JobProgress progress);

    /** The executor tells a value before the ending. */
    void data(@Nullable Object value, Origin origin);
}
