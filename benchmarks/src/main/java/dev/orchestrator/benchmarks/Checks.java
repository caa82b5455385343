package dev.orchestrator.benchmarks;

import java.util.ArrayList;
import java.util.List;

/** Whether ours is still within a wide margin of the limit of its table: noise does not leave it, a mistake does. */
final class Checks {
    private record Check(Suite suite, Suite.Margin margin, double ratio) {
        /** One that was not measured does not hold: its margin names a table that there is no more. */
        boolean holds() {
            return ratio <= margin.most();
        }

        String row() {
            return "| " + suite.title().substring(0, 1) + " | " + margin.table() + " | " + Report.words(margin.who())
                    + " | " + (Double.isNaN(ratio) ? "not measured" : Report.number(ratio)) + " | "
                    + Report.number(margin.most()) + " | " + (holds() ? "yes" : "**no**") + " |";
        }
    }

    private final List<Check> all = new ArrayList<>();

    void add(Suite suite, List<Table> tables) {
        for (Suite.Margin margin : suite.margins()) {
            double ratio = tables.stream()
                    .filter(table -> table.caption().equals(margin.table()))
                    .flatMap(table -> table.rows().stream()
                            .filter(row -> row.who().equals(margin.who()))
                            .map(row -> row.median() / table.limit(suite)))
                    .findFirst()
                    .orElse(Double.NaN);
            all.add(new Check(suite, margin, ratio));
        }
    }

    /** What does not hold, a row for each. */
    List<String> failed() {
        return all.stream().filter(check -> !check.holds()).map(Check::row).toList();
    }

    void report(Report report) {
        report.line("\n"
                + "## Checks\n\n"
                + "How many times the fastest limit of its table each of ours takes, and how many times it"
                + " may.\n\n"
                + "| | table | ours | times | at most | holds |\n"
                + "| --- | --- | --- | --- | --- | --- |");
        for (Check check : all) report.line(check.row());
    }
}
