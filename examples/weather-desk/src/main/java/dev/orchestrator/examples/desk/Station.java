package dev.orchestrator.examples.desk;

record Station(String id, String name) {
    /** Reads a line such as {@code brocken Brocken}. */
    static Station of(String line) {
        var parts = line.split(" ", 2);
        return new Station(parts[0], parts[1]);
    }

    Station named(String other) {
        return new Station(id, other);
    }
}
