package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A picture of curves, both axes logarithmic, as SVG. */
final class Chart {
    record Point(double x, double y) {}

    private record Curve(String name, List<Point> points) {}

    private static final int WIDTH = 860;
    private static final int HEIGHT = 480;
    private static final int LEFT = 70;
    private static final int BOTTOM = 50;
    private static final int TOP = 20;
    private static final int RIGHT = 280; // for the names of the curves
    private static final String[] COLOURS = {"#1b6ca8", "#c8553d", "#3a7d44", "#7d3ac1", "#b8860b", "#444444"};

    private final String xName;
    private final String yName;
    private final List<Curve> curves = new ArrayList<>();

    Chart(String xName, String yName) {
        this.xName = xName;
        this.yName = yName;
    }

    void add(String name, List<Point> points) {
        curves.add(new Curve(name, List.copyOf(points)));
    }

    /** Writes it under the name of a report; gives where. */
    Path writeBeside(Path report) throws IOException {
        return Files.writeString(
                report.resolveSibling(report.getFileName().toString().replaceFirst("\\.md$", ".svg")), svg());
    }

    private String svg() {
        double mostX = decade(curves.stream()
                .flatMap(c -> c.points().stream())
                .mapToDouble(Point::x)
                .max()
                .orElse(10));
        double mostY = decade(curves.stream()
                .flatMap(c -> c.points().stream())
                .mapToDouble(Point::y)
                .max()
                .orElse(10));
        var svg = new StringBuilder();
        line(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                WIDTH,
                HEIGHT);
        line(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
        for (double x = 1; x <= mostX; x *= 10) {
            line(
                    svg,
                    "<line x1=\"%1$.1f\" y1=\"%2$d\" x2=\"%1$.1f\" y2=\"%3$d\" stroke=\"#ddd\"/>",
                    x(x, mostX),
                    TOP,
                    HEIGHT - BOTTOM);
            line(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%,.0f</text>",
                    x(x, mostX),
                    HEIGHT - BOTTOM + 18,
                    x);
        }
        for (double y = 1; y <= mostY; y *= 10) {
            line(
                    svg,
                    "<line x1=\"%1$d\" y1=\"%2$.1f\" x2=\"%3$d\" y2=\"%2$.1f\" stroke=\"#ddd\"/>",
                    LEFT,
                    y(y, mostY),
                    WIDTH - RIGHT);
            line(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,.0f</text>", LEFT - 6, y(y, mostY) + 4, y);
        }
        line(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 10,
                xName);
        line(
                svg,
                "<text transform=\"translate(14 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                HEIGHT / 2,
                yName);
        for (int i = 0; i < curves.size(); i++) draw(svg, curves.get(i), COLOURS[i % COLOURS.length], i, mostX, mostY);
        return svg.append("</svg>\n").toString();
    }

    private static void draw(StringBuilder svg, Curve curve, String colour, int number, double mostX, double mostY) {
        var path = new StringBuilder();
        for (Point point : curve.points()) {
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(point.x(), mostX), y(point.y(), mostY)));
            line(
                    svg,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>",
                    x(point.x(), mostX),
                    y(point.y(), mostY),
                    colour);
        }
        line(
                svg,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
                path.toString().strip(),
                colour);
        line(
                svg,
                "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>",
                WIDTH - RIGHT + 12,
                TOP + 20 + number * 20,
                colour,
                curve.name());
    }

    private static double decade(double value) {
        return Math.pow(10, Math.ceil(Math.log10(Math.max(value, 10))));
    }

    private static double x(double value, double most) {
        return LEFT + Math.log10(Math.max(value, 1)) / Math.log10(most) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double most) {
        return HEIGHT - BOTTOM - Math.log10(Math.max(value, 1)) / Math.log10(most) * (HEIGHT - BOTTOM - TOP);
    }

    private static void line(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
