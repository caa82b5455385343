package dev.orchestrator;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Draws a declared saga as a Mermaid flow chart, node by node. */
final class SagaDiagram {
    private final List<String> lines = new ArrayList<>();
    private int nodes;

    private SagaDiagram() {}

    static String of(String name, SagaFlow<?, ?> flow) {
        var diagram = new SagaDiagram();
        String begin = diagram.node("([\"" + escaped(name) + "\"])");
        String last = flow.draw(diagram, begin);
        diagram.edge(last, diagram.node("([\"done\"])"));
        return "flowchart TD\n" + String.join("\n", diagram.lines) + "\n";
    }

    /** Draws a step behind a node, and what undoes it beside it. */
    String step(String from, String name, boolean canBeUndone) {
        String step = node("[\"" + escaped(name) + "\"]");
        edge(from, step);
        if (canBeUndone) {
            String undo = node("[\"undo " + escaped(name) + "\"]");
            lines.add("    " + step + " -.-> " + undo);
        }
        return step;
    }

    /** Draws what is done side by side, from where it parts to where it meets. */
    String fork(String from, String what, Collection<? extends SagaFlow<?, ?>> flows) {
        String fork = node("{{\"" + escaped(what) + "\"}}");
        edge(from, fork);
        var ends = new ArrayList<String>();
        for (SagaFlow<?, ?> flow : flows) ends.add(flow.draw(this, fork));
        String join = node("(( ))");
        for (String end : ends) edge(end, join);
        return join;
    }

    private String node(String shape) {
        String node = "n" + nodes++;
        lines.add("    " + node + shape);
        return node;
    }

    private void edge(String from, String to) {
        lines.add("    " + from + " --> " + to);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("\"", "&quot;")
                .replace("<", "&lt;")
                .replace("\n", " ");
    }
}
