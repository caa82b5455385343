package dev.orchestrator.examples.catalog;

import dev.orchestrator.durable.DurableStoreException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The program: arguments in, report and exit code out. */
@Command(
        name = "file-catalog",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Catalogues a folder tree and finds duplicate files.",
            "",
            "Every file below FOLDER is read once, for its size, SHA-256, media type and, if it is text, lines. The"
                    + " report goes to standard output, progress to standard error.",
            ""
        },
        footer = {
            "",
            "Symbolic links are not followed: those that lead somewhere are reported as skipped, those that lead"
                + " nowhere or in a circle as failures. Pipes, sockets and devices are skipped. Empty files and"
                + " several names of one file (hard links) waste nothing and are no duplicates. Files and folders that"
                + " hang or fail are failures in the report, and the rest goes on. Ctrl-C or kill ends with the report"
                + " so far, a second one at once."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:everything was catalogued",
            "1:some files or folders could not be read; the report names them",
            "2:bad input: wrong arguments, no folder that can be read, or a file for --durable that cannot be used",
            "3:the report could not be made or written",
            "130:interrupted by Ctrl-C; the report tells what was found so far",
            "143:the same, by a kill (SIGTERM)"
        })
final class FileCatalog implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            description = "the folder; without one, the checkout that the program is started from")
    private @Nullable String folder;

    @Option(names = "--json", description = "print the report as JSON")
    private boolean isJson;

    @Option(names = "--all", description = "print long lists of duplicates and skipped files to their end")
    private boolean isWhole;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "how long a file may take before it is given up, and a second more per megabyte; 0: any time"
                    + " (default: ${DEFAULT-VALUE})")
    private int seconds = Patience.SECONDS;

    @Option(
            names = "--attempts",
            paramLabel = "N",
            description = "how often a file is tried where reading fails with an error that may pass; 1: once"
                    + " (default: ${DEFAULT-VALUE})")
    private int attempts = Patience.ATTEMPTS;

    @Option(
            names = "--reads",
            paramLabel = "N",
            description = "how many files are read at the same time (default: ${DEFAULT-VALUE})")
    private int reads = Patience.usual().reads();

    @Option(
            names = "--durable",
            paramLabel = "FILE",
            description = "keep what was read in FILE, a SQLite database outside of FOLDER: killed at any moment and"
                    + " started again with it, the catalogue goes on where it was, and ends with the same report. FILE"
                    + " stays: for a year, later runs with it read only what has changed (by size, time or identity) or"
                    + " could not be read")
    private @Nullable String durable;

    @Option(
            names = {"-q", "--quiet"},
            description = "show no progress")
    private boolean isQuiet;

    private final OutputStream out;
    private final PrintStream err;

    private FileCatalog(OutputStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] arguments) {
        // The bytes are UTF-8 whatever the locale says.
        var out = new FileOutputStream(FileDescriptor.out);
        var err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        System.exit(run(out, err, arguments));
    }

    /** Runs the program, and returns its exit code. */
    static int run(OutputStream out, PrintStream err, String... arguments) {
        var command = new CommandLine(new FileCatalog(out, err));
        command.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8));
        command.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        command.setParameterExceptionHandler((wrong, ignored) -> {
            err.println("file-catalog: " + wrong.getMessage() + "; try --help");
            return ExitCode.BAD_INPUT;
        });
        command.setExecutionExceptionHandler((error, ignored, result) -> {
            err.println("file-catalog: " + sentence(error));
            return error instanceof BadInput || error instanceof DurableStoreException
                    ? ExitCode.BAD_INPUT
                    : ExitCode.NO_REPORT;
        });
        command.setExpandAtFiles(false); // a folder's name may begin with @
        return command.execute(arguments);
    }

    private static String sentence(Exception error) {
        return switch (error) {
            case BadInput badInput -> badInput.getMessage();
            case DurableStoreException unusable -> "cannot use " + PathText.printable(unusable.getMessage());
            case IOException notWritten -> "the report could not be written: " + notWritten.getMessage();
            default -> "the report could not be made: " + (error.getCause() == null ? error : error.getCause());
        };
    }

    @Override
    public Integer call() throws Exception {
        var patience = new Patience(
                inRange("--timeout", seconds, 0, Patience.MOST_SECONDS),
                inRange("--attempts", attempts, 1, Patience.MOST_ATTEMPTS),
                inRange("--reads", reads, 1, Patience.MOST_READS));
        var path = FolderArgument.folder(folder == null ? System.getProperty("file-catalog.checkout", ".") : folder);
        var file = durable == null ? null : DurableArgument.file(durable, path);
        try (var catalog = new Catalog(path, patience, file);
                var onInterrupt = new OnInterrupt(() -> stop(catalog))) {
            var report = make(catalog, PathText.printable(PathText.of(path).text()));
            write(report);
            if (onInterrupt.exitCode() != ExitCode.OK) return onInterrupt.exitCode();
            return report.findings().failures().size() == 0 ? ExitCode.OK : ExitCode.FAILURES;
        }
    }

    private static int inRange(String option, int value, int least, int most) throws BadInput {
        if (value >= least && value <= most) return value;
        throw new BadInput("%s must be from %d to %d, was %d; try --help".formatted(option, least, most, value));
    }

    private void stop(Catalog catalog) {
        catalog.stop();
        if (!isQuiet) err.println("\nfile-catalog: interrupted; the report so far follows, once more ends at once");
    }

    private Report make(Catalog catalog, String name) {
        try (var progress = progress(catalog, name)) {
            return catalog.make(progress::show);
        }
    }

    private ProgressView progress(Catalog catalog, String name) {
        if (isQuiet) return new ProgressView.None();
        return Terminal.isInteractive()
                ? new LiveBar(err, catalog::survey)
                : new PlainLines(err, name, catalog::survey);
    }

    private void write(Report report) throws IOException {
        var buffered = new BufferedOutputStream(out);
        if (isJson) JsonReport.write(report, buffered);
        else TextReport.write(report, buffered, isWhole);
    }
}
