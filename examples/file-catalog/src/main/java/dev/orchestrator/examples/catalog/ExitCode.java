package dev.orchestrator.examples.catalog;

/** How the program ends, for scripts. */
final class ExitCode {
    static final int OK = 0;
    static final int FAILURES = 1;
    static final int BAD_INPUT = 2;
    static final int NO_REPORT = 3;
    static final int INTERRUPTED = 130;
    static final int TERMINATED = 143;

    private ExitCode() {}
}
