package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** A picture that changes in place, for a terminal: rows at the top, what happened last below, messages at the bottom. */
final class LiveView implements View {
    private static final int LINES = 8;
    private static final int MESSAGES = 3;

    private static final String BOLD = "\033[1m";
    private static final String PLAIN = "\033[0m";
    private static final String END_OF_LINE = "\033[K\n";
    private static final String BEGIN = "\033[?25l\033[?7l"; // without cursor, and long lines do not wrap
    private static final String END = "\033[?7h\033[?25h";

    private final PrintStream out;
    private final StopWatch watch;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private String title = "";
    private final Map<String, String> rows = new LinkedHashMap<>();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Deque<String> messages = new ArrayDeque<>();
    private int height;

    LiveView(PrintStream out, Time time) {
        this.out = out;
        watch = new StopWatch(time);
        out.print(BEGIN);
    }

    @Override
    public void scene(String next) {
        change(() -> title = next);
    }

    @Override
    public void row(String name, String text) {
        change(() -> rows.put(name, text));
    }

    @Override
    public void line(String kind, String text) {
        boolean isMessage = kind.equals("message");
        change(() -> add(isMessage ? messages : lines, isMessage ? MESSAGES : LINES, text));
    }

    private void add(Deque<String> last, int most, String text) {
        if (last.size() == most) last.remove();
        last.add(watch.text() + " " + text);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            draw();
        } finally {
            lock.unlock();
        }
    }

    private void draw() {
        var picture = new StringBuilder();
        if (height > 0) picture.append("\033[").append(height).append('A');
        picture.append(BOLD).append(title).append(PLAIN).append(END_OF_LINE).append(END_OF_LINE);
        rows.forEach((name, text) ->
                picture.append("%-9s".formatted(name)).append(text).append(END_OF_LINE));
        picture.append(END_OF_LINE);
        draw(lines, LINES, picture);
        picture.append(END_OF_LINE);
        draw(messages, MESSAGES, picture);
        height = 2 + rows.size() + 1 + LINES + 1 + MESSAGES;
        out.print(picture);
        out.flush();
    }

    private static void draw(Deque<String> last, int height, StringBuilder picture) {
        for (String each : last) picture.append(each).append(END_OF_LINE);
        for (int i = last.size(); i < height; i++) picture.append(END_OF_LINE);
    }

    @Override
    public void close() {
        out.print(END);
        out.flush();
    }
}
