package dev.orchestrator.examples.catalog;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** A line now and then, for a log file or a pipe. */
final class PlainLines implements ProgressView {
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(2);

    private final PrintStream out;
    private final Runnable survey;
    private final Estimate estimate = new Estimate(System.nanoTime());
    private long nextAt = System.nanoTime() + PAUSE;

    private boolean isSurveyed;

    /**
     * Tells the beginning.
     *
     * @param survey finds out how much there is in all; asked for only if it takes long enough to matter
     */
    PlainLines(PrintStream out, String folder, Runnable survey) {
        this.out = out;
        this.survey = survey;
        out.println("Cataloguing " + folder);
    }

    @Override
    public void show(CatalogState state) {
        long now = System.nanoTime();
        if (!state.isOver() && now - nextAt < 0) return;
        nextAt = now + PAUSE;
        out.println(estimate.text(state, now));
        if (!isSurveyed && !state.isOver()) survey.run();
        isSurveyed = true;
    }

    @Override
    public void close() {}
}
