package dev.orchestrator.examples.catalog;

import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that moves, for a terminal. */
final class LiveBar implements ProgressView {
    private static final long MEGABYTE = 1_000_000;
    private static final int UPDATE_MILLIS = 200;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(UPDATE_MILLIS / 2);

    private final Estimate estimate = new Estimate(System.nanoTime());
    private final OnOneLine line;
    private final ProgressBar bar;
    private long nextAt = System.nanoTime();

    LiveBar(PrintStream out, Runnable survey) {
        survey.run();
        line = new OnOneLine(out);
        bar = new ProgressBarBuilder()
                .setTaskName("")
                .setInitialMax(-1)
                .setStyle(Terminal.isUnicode() ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(UPDATE_MILLIS)
                .continuousUpdate()
                .setUnit(" MB", MEGABYTE)
                .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .hideEta() // the library reckons with bytes alone, which is wrong for many small files
                .setConsumer(line)
                .build();
    }

    @Override
    public void show(CatalogState state) {
        long now = System.nanoTime();
        if (!state.isOver() && now - nextAt < 0) return;
        nextAt = now + PAUSE;
        var expected = state.expected();
        if (expected != null)
            bar.maxHint(Math.max(expected.bytes(), state.done().bytes()));
        bar.stepTo(state.done().bytes());
        bar.setExtraMessage(" " + estimate.filesAndTime(state, now));
    }

    @Override
    public void close() {
        bar.close();
        line.close(); // a bar that is closed before its first look at the clock forgets to
    }

    /** Asks for the width itself: the library would open the terminal for that, and take Ctrl-C away from the program. */
    private static final class OnOneLine extends ConsoleProgressBarConsumer {
        private final TerminalWidth width = new TerminalWidth();
        private final AtomicBoolean ended = new AtomicBoolean(); // the bar's thread and the closing one come here

        OnOneLine(PrintStream out) {
            super(out);
        }

        @Override
        public int getMaxRenderedLength() {
            return width.columns() - 1; // a full line would wrap on some terminals
        }

        @Override
        public void close() {
            if (ended.compareAndSet(false, true)) super.close();
        }
    }
}
