package dev.orchestrator.examples.mailroom;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What people see: lines that stay, and how far it is, which replaces itself on a terminal. Any thread may call. */
final class Screen implements AutoCloseable {
    private static final String CLEAR = "\r\u001b[K";

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final boolean isLive;

    private Screen(boolean isLive) {
        this.isLive = isLive;
    }

    /** Plain if that is wanted or this is no terminal. */
    static Screen open(boolean isPlain) {
        return new Screen(!isPlain && isTerminal());
    }

    private static boolean isTerminal() {
        System.setProperty("jdk.console", "java.base"); // newer Javas have a console even without a terminal
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }

    /** Something that stays. */
    void line(String text) {
        out.print((isLive ? CLEAR : "") + text + "\n"); // one call, so that no other thread's text comes in between
        out.flush();
    }

    /** How far it is. */
    void status(String text) {
        if (isLive) {
            out.print(CLEAR + text);
            out.flush();
        } else {
            line(text);
        }
    }

    @Override
    public void close() {
        if (isLive) out.print(CLEAR);
        out.flush();
    }
}
