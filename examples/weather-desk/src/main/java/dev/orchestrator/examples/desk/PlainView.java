package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.io.PrintStream;

/** A line for each change, for a log file, a pipe or a test. */
final class PlainView implements View {
    private final PrintStream out;
    private final StopWatch watch;

    PlainView(PrintStream out, Time time) {
        this.out = out;
        watch = new StopWatch(time);
    }

    @Override
    public void scene(String title) {
        out.println(watch.text() + " == " + title);
    }

    @Override
    public void row(String name, String text) {
        line(name, text);
    }

    @Override
    public void line(String kind, String text) {
        out.println(watch.text() + " %-8s ".formatted(kind) + text);
    }

    @Override
    public void close() {}
}
