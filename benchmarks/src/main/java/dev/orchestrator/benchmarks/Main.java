package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs the benchmarks, ours and the peers', and writes a report.
 *
 * <p>Arguments: quick, full, growth, soak, durable or durable-quick, the file, and the minutes of a soak.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws RunnerException, IOException {
        if (arguments.length != 3) refuse();
        var file = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "quick" -> failUnless(new Comparison(Effort.QUICK, file).measureAll());
            case "full" -> failUnless(new Comparison(Effort.FULL, file).measureAll());
            case "growth" -> Growth.measureAll(file);
            case "soak" -> failUnless(new Soak(file, Integer.parseInt(arguments[2])).run());
            case "durable" -> failUnless(new DurableComparison(DurableComparison.Size.FULL, file).measureAll());
            case "durable-quick" -> failUnless(new DurableComparison(DurableComparison.Size.QUICK, file).measureAll());
            default -> refuse();
        }
    }

    private static void failUnless(boolean isGood) {
        if (isGood) return;
        System.err.println("benchmarks: not all of it holds, see the report");
        System.exit(1);
    }

    private static void refuse() {
        System.err.println(
                "benchmarks: say quick, full, growth, soak, durable or durable-quick, the file for the report, and"
                        + " minutes for a soak");
        System.exit(2);
    }
}
