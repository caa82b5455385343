package dev.orchestrator.examples.mailroom;

import java.io.IOException;

/** The process that started this one, and holds the other end of standard input. */
final class Parent {
    private Parent() {}

    /** Ends this process when that one closes standard input, or dies. */
    static void endWithIt() {
        Thread.ofPlatform().daemon().name("parent").start(() -> {
            waitForTheEnd();
            System.exit(0);
        });
    }

    private static void waitForTheEnd() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException closed) {
            // that is the end, too
        }
    }
}
