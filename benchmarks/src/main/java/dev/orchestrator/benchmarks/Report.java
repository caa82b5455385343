package dev.orchestrator.benchmarks;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Writes results as Markdown: a table for each suite and each choice of its parameters. */
final class Report {
    private final StringBuilder text = new StringBuilder();

    @Override
    public String toString() {
        return text.toString();
    }

    void line(String line) {
        text.append(line).append('\n');
    }

    void add(Suite suite, List<Table> tables) {
        heading(suite);
        for (Table table : tables) add(suite, table);
    }

    void heading(Suite suite) {
        line("\n## " + suite.title() + "\n\n" + suite.about());
    }

    private void add(Suite suite, Table table) {
        double limit = table.limit(suite);
        double peer = table.bestPeer(suite);
        line("\n| " + table.caption() + " | ns | least and most | to the limit | to the best peer | bytes | cores |\n"
                + "| --- | --- | --- | --- | --- | --- | --- |");
        table.rows().stream()
                .sorted(Comparator.comparingDouble(Table.Row::median))
                .forEach(row -> line("| " + name(suite, row.who()) + " | " + number(row.median()) + " | "
                        + range(row.range()) + " | " + ratio(row.median(), limit) + " | "
                        + ratio(row.median(), peer) + " | " + number(row.bytes()) + " | "
                        + range(row.cores()) + " |"));
    }

    private static String range(Table.Range range) {
        String least = number(range.least());
        String most = number(range.most());
        return least.equals(most) ? least : least + " to " + most;
    }

    /** A peer as the reader sees it: in bold what is ours, in italics a limit. */
    static String name(Suite suite, String who) {
        if (suite.ours().contains(who)) return "**" + words(who) + "**";
        return suite.limits().contains(who) ? "*" + words(who) + "*" : words(who);
    }

    static String words(String who) {
        return who.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String ratio(double value, double to) {
        return Double.isNaN(to) ? "" : String.format(Locale.ROOT, "%.2f", value / to);
    }

    static String number(double value) {
        if (Double.isNaN(value)) return "";
        if (value >= 100) return String.format(Locale.ROOT, "%,.0f", value);
        return String.format(Locale.ROOT, value >= 10 ? "%.0f" : "%.1f", value);
    }
}
