package dev.orchestrator.examples.catalog;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Writes a report for people. */
final class TextReport {
    private static final int MOST_GROUPS = 20;
    private static final int MOST_FILES = 10;
    private static final int MOST_SKIPPED = 20;

    private final Report report;
    private final PrintStream out;
    private final boolean isWhole;

    private TextReport(Report report, PrintStream out, boolean isWhole) {
        this.report = report;
        this.out = out;
        this.isWhole = isWhole;
    }

    /**
     * Writes it.
     *
     * @param isWhole whether long lists are written to their end; failures always are
     */
    static void write(Report report, PrintStream out, boolean isWhole) {
        new TextReport(report, out, isWhole).write();
    }

    private void write() {
        var findings = report.findings();
        if (report.isInterrupted()) line("INTERRUPTED: this is the report so far.");
        line("%s: %s and %s, %s, in %.1f s",
                visible(report.folderName()),
                count(findings.files().files(), "file"),
                count(findings.folders(), "folder"),
                Bytes.text(findings.files().bytes()),
                report.took().toMillis() / 1000.0);
        if (findings.files().files() > 0) totals(findings.totals().largestFirst());
        duplicates(report.duplicates().groups());
        remarks("Skipped", report.lines(findings.skipped()), MOST_SKIPPED);
        remarks("Notes", report.lines(findings.notes()), MOST_SKIPPED);
        remarks("Failures", report.lines(findings.failures()), Integer.MAX_VALUE);
    }

    private void totals(List<MediaTotal> totals) {
        line("");
        line("%-40s %12s %12s %14s", "Media type", "Files", "Size", "Lines");
        for (MediaTotal total : totals) {
            line("%-40s %,12d %12s %14s",
                    total.mediaType(),
                    total.files(),
                    Bytes.text(total.bytes()),
                    total.lines() == Fingerprint.NO_TEXT ? "" : "%,d".formatted(total.lines()));
        }
    }

    private void duplicates(List<DuplicateGroup> groups) {
        line("");
        if (groups.isEmpty()) {
            line("Duplicates: none");
            return;
        }
        line("Duplicates: %s, %s wasted",
                count(groups.size(), "group"), Bytes.text(report.duplicates().wasted()));
        for (DuplicateGroup group : firstOf(groups, MOST_GROUPS)) {
            line("  %s wasted by %s of %s each",
                    Bytes.text(group.wasted()), count(group.files().size(), "file"), Bytes.text(group.size()));
            for (Path file : firstOf(group.files(), MOST_FILES)) line("    %s", visible(report.nameOf(file)));
            tellRest("    ", group.files().size(), MOST_FILES);
        }
        tellRest("  ", groups.size(), MOST_GROUPS);
    }

    private void remarks(String title, List<Report.Line> lines, int most) {
        if (lines.isEmpty()) return;
        line("");
        line("%s: %,d", title, lines.size());
        for (Report.Line each : firstOf(lines, most)) line("  %s: %s", visible(each.path()), visible(each.text()));
        tellRest("  ", lines.size(), most);
    }

    private <T> List<T> firstOf(List<T> all, int most) {
        return isWhole || all.size() <= most ? all : all.subList(0, most);
    }

    private void tellRest(String indent, int size, int most) {
        if (!isWhole && size > most) line("%sand %,d more; --all or --json shows them", indent, size - most);
    }

    private void line(String format, Object... values) {
        out.append(format.formatted(values)).append('\n');
    }

    private static String count(long number, String thing) {
        return "%,d %s%s".formatted(number, thing, number == 1 ? "" : "s");
    }

    /** A name may hold anything, even what moves the cursor; it takes one line here, and does nothing. */
    private static String visible(String name) {
        if (name.chars().noneMatch(Character::isISOControl)) return name;
        var text = new StringBuilder();
        name.codePoints().forEach(point -> {
            if (Character.isISOControl(point)) text.append("\\x%02X".formatted(point));
            else text.appendCodePoint(point);
        });
        return text.toString();
    }
}
