package dev.orchestrator.examples.desk;

record Forecast(int degrees, String sky) {
    /** Reads a line such as {@code 4 fog}. */
    static Forecast of(String line) {
        var parts = line.split(" ", 2);
        return new Forecast(Integer.parseInt(parts[0]), parts[1]);
    }
}
