package dev.orchestrator.examples.mailroom;

import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: arguments in, one of the processes or the show of all of them, exit code out. */
@Command(
        name = "mail-room",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {Front.class, Worker.class, Database.class},
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "A mail room of several processes on one PostgreSQL, some of which are killed.",
            "",
            "Without a command it shows everything: it starts a PostgreSQL, workers and a front, kills a worker and the"
                    + " front in the middle, and reports whether each letter had one ending that was handled once."
                    + " With a command it is one of these processes, for a terminal of its own.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:the report adds up",
            "1:something went wrong, or the report does not add up",
            "2:wrong arguments",
            "130:interrupted by Ctrl-C",
            "143:the same, by a kill (SIGTERM)"
        })
final class MailRoomProgram implements Callable<Integer> {
    static final int DOES_NOT_ADD_UP = 1;
    private static final int FAILED = 1;

    /** Kept here, since the JDK forgets the level of a logger that nobody has. */
    private static final Logger LOGGER = Logger.getLogger("dev.orchestrator");

    private static final int INTERRUPTED = 130;
    private static final int LETTERS = 200;
    private static final int LETTERS_FAST = 100;

    @Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--letters", paramLabel = "N", description = "how many letters (default: 200; with --fast 100)")
    private int letters;

    @Option(names = "--workers", paramLabel = "N", description = "how many workers (default: ${DEFAULT-VALUE})")
    private int workers = 3;

    @Option(names = "--no-kill", description = "kill none of the processes")
    private boolean killsNone;

    @Option(names = "--fast", description = "everything several times as fast")
    private boolean isFast;

    @Option(names = "--plain", description = "print a line each time, on a terminal too")
    private boolean isPlain;

    public static void main(String[] arguments) {
        LOGGER.setLevel(Level.WARNING);
        int exitCode = OnInterrupt.run(() -> run(arguments));
        System.exit(exitCode); // waits for ever, and does no harm, where an interrupt ends the program already
    }

    private static int run(String... arguments) {
        var command = new CommandLine(new MailRoomProgram());
        command.setExecutionExceptionHandler((error, ignored, result) -> {
            if (error instanceof InterruptedException || OnInterrupt.happened()) return INTERRUPTED;
            System.err.println("mail-room: " + error);
            return FAILED;
        });
        return command.execute(arguments);
    }

    @Override
    public Integer call() throws Exception {
        if (letters == 0) letters = isFast ? LETTERS_FAST : LETTERS;
        if (letters < 1) throw new ParameterException(spec.commandLine(), "at least 1 letter, was " + letters);
        if (workers < 1) throw new ParameterException(spec.commandLine(), "at least 1 worker, was " + workers);
        try (var screen = Screen.open(isPlain);
                var show = new Show(screen, letters, isFast)) {
            return show.play(workers, !killsNone);
        }
    }
}
