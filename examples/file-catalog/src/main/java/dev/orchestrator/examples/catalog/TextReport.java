package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes a report for people. */
final class TextReport {
    private static final int MOST_GROUPS = 20;
    private static final int MOST_FILES = 10;
    private static final int MOST_SKIPPED = 20;

    private final Report report;
    private final Writer out;
    private final boolean isWhole;

    private TextReport(Report report, Writer out, boolean isWhole) {
        this.report = report;
        this.out = out;
        this.isWhole = isWhole;
    }

    /**
     * Writes it.
     *
     * @param isWhole whether long lists are written to their end; failures always are
     */
    static void write(Report report, OutputStream out, boolean isWhole) throws IOException {
        var writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        new TextReport(report, writer, isWhole).write();
        writer.flush();
    }

    private void write() throws IOException {
        var findings = report.findings();
        if (report.isInterrupted()) line("INTERRUPTED: this is the report so far.");
        line(
                "%s: %s and %s, %s, in %.1f s",
                PathText.printable(report.folderName()),
                count(findings.files().files(), "file"),
                count(findings.folders(), "folder"),
                Bytes.text(findings.files().bytes()),
                report.took().toMillis() / 1000.0);
        if (findings.files().files() > 0) totals(findings.totals().largestFirst());
        duplicates(report.duplicates().groups());
        remarks("Tried again", report.lines(findings.retried()), MOST_SKIPPED);
        remarks("Skipped", report.lines(findings.skipped()), MOST_SKIPPED);
        remarks("Notes", report.lines(findings.notes()), MOST_SKIPPED);
        remarks("Failures", report.lines(findings.failures()), Integer.MAX_VALUE);
    }

    private void totals(List<MediaTotal> totals) throws IOException {
        line("");
        line("%-32s %10s %10s %14s", "Media type", "Files", "Size", "Lines");
        for (MediaTotal total : totals) {
            line(
                    "%-32s %,10d %10s %14s",
                    total.mediaType(),
                    total.files(),
                    Bytes.text(total.bytes()),
                    total.lines() == Fingerprint.NO_TEXT ? "" : String.format(Locale.ROOT, "%,d", total.lines()));
        }
    }

    private void duplicates(List<DuplicateGroup> groups) throws IOException {
        line("");
        if (groups.isEmpty()) {
            line("Duplicates: none");
            return;
        }
        line(
                "Duplicates: %s, %s wasted",
                count(groups.size(), "group"), Bytes.text(report.duplicates().wasted()));
        for (DuplicateGroup group : firstOf(groups, MOST_GROUPS)) {
            line(
                    "  %s wasted by %s of %s each",
                    Bytes.text(group.wasted()), count(group.files().size(), "file"), Bytes.text(group.size()));
            for (Path file : firstOf(group.files(), MOST_FILES))
                line("    %s", PathText.printable(report.nameOf(file)));
            tellRest("    ", group.files().size(), MOST_FILES);
        }
        tellRest("  ", groups.size(), MOST_GROUPS);
    }

    private void remarks(String title, List<Report.Line> lines, int most) throws IOException {
        if (lines.isEmpty()) return;
        line("");
        line("%s: %,d", title, lines.size());
        for (Report.Line each : firstOf(lines, most))
            line("  %s: %s", PathText.printable(each.path()), PathText.printable(each.text()));
        tellRest("  ", lines.size(), most);
    }

    private <T> List<T> firstOf(List<T> all, int most) {
        return isWhole || all.size() <= most ? all : all.subList(0, most);
    }

    private void tellRest(String indent, int size, int most) throws IOException {
        if (!isWhole && size > most) line("%sand %,d more; --all or --json shows them", indent, size - most);
    }

    private void line(String format, Object... values) throws IOException {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static String count(long number, String thing) {
        return String.format(Locale.ROOT, "%,d %s%s", number, thing, number == 1 ? "" : "s");
    }
}
