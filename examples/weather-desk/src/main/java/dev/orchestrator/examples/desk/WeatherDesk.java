package dev.orchestrator.examples.desk;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program: arguments in, the tour on standard output, exit code out. */
@Command(
        name = "weather-desk",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "A tour of the desk of a small weather service, whose server is slow and fails at times.",
            "",
            "It takes half a minute. Every change is shown as it happens: in place on a terminal, line by line"
                    + " elsewhere.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the tour is over",
            "1:the tour could not be played to its end",
            "2:wrong arguments",
            "130:interrupted by Ctrl-C",
            "143:the same, by a kill (SIGTERM)"
        })
final class WeatherDesk implements Callable<Integer> {
    private static final int FAST = 20;
    private static final int FAILED = 1;
    private static final int INTERRUPTED = 130;

    @Option(names = "--plain", description = "print a line for each change, on a terminal too")
    private boolean isPlain;

    @Option(names = "--fast", description = "let the clock go " + FAST + " times as fast")
    private boolean isFast;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "decides how slow the server is, and what the weather is (default: ${DEFAULT-VALUE})")
    private long seed = 1;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) {
        int exitCode = OnInterrupt.run(() -> run(arguments));
        System.exit(exitCode); // waits for ever, and does no harm, where an interrupt ends the program already
    }

    private static int run(String... arguments) {
        var command = new CommandLine(new WeatherDesk());
        command.setExecutionExceptionHandler((error, ignored, result) -> {
            System.err.println("weather-desk: the tour could not be played to its end: " + error);
            return FAILED;
        });
        return command.execute(arguments);
    }

    @Override
    public Integer call() throws Exception {
        var time = new DeskTime(isFast ? FAST : 1);
        try (var view = isPlain || !isTerminal() ? new PlainView(out, time) : new LiveView(out, time);
                var bus = SignalBus.builder().time(time).build();
                var server = new WeatherServer(new WeatherOffice(time, seed));
                var line = new HttpLine(server.uri());
                var dispatcher =
                        Dispatcher.builder().bus(bus).closeGrace(Duration.ZERO).build();
                var desk = new Desk(bus, dispatcher, line, view)) {
            new Tour(desk, bus, dispatcher, view, time::leap).play();
            return 0;
        } catch (InterruptedException interrupted) {
            out.println("interrupted");
            return INTERRUPTED;
        }
    }

    private static boolean isTerminal() {
        System.setProperty("jdk.console", "java.base"); // newer Javas have a console even without a terminal
        return System.console() != null && !"dumb".equals(System.getenv("TERM"));
    }
}
