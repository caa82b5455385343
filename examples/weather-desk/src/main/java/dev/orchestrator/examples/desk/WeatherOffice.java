package dev.orchestrator.examples.desk;

import dev.orchestrator.spi.Time;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/** The other side: takes its time for each request, and fails on schedule. */
final class WeatherOffice implements Line {
    /** Which requests of a sort fail; the first is 1. */
    private static final Map<String, Set<Integer>> FAILING = Map.of(
            "GET /stations", Set.of(2, 5, 6),
            "PUT /stations/helgoland", Set.of(1),
            "POST /notices", Set.of(1, 2));

    private final Time time;
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by lock.
    private final SplittableRandom random;
    private final Map<String, Integer> asked = new HashMap<>();
    private final Map<String, String> stations =
            new TreeMap<>(Map.of("brocken", "Brocken", "helgoland", "Helgoland", "zugspitze", "Zugspitze"));
    private final Iterator<Integer> winds = List.of(14, 11, 6).iterator();

    /**
     * Opens it.
     *
     * @param time what its slowness is measured with
     * @param seed decides how slow it is, and what the weather is
     */
    WeatherOffice(Time time, long seed) {
        this.time = time;
        random = new SplittableRandom(seed);
    }

    @Override
    public CompletionStage<Reply> ask(Request request) {
        lock.lock();
        try {
            var delay = Duration.ofMillis(random.nextInt(3, 14) * 100);
            var reply = reply(request);
            return Delay.of(delay, time).thenApply(over -> reply);
        } finally {
            lock.unlock();
        }
    }

    private Reply reply(Request request) {
        var sort = request.method() + " " + request.path();
        int count = asked.merge(sort, 1, Integer::sum);
        if (FAILING.getOrDefault(sort, Set.of()).contains(count)) return new Reply(503, "busy");
        var path = request.path().substring(1).split("/", 2);
        return switch (request.method() + " " + path[0]) {
            case "GET stations" -> ok(allStations());
            case "PUT stations" -> renamed(path[1], request.body());
            case "GET forecasts" -> ok(random.nextInt(-5, 20) + (random.nextBoolean() ? " fog" : " sunshine"));
            case "GET wind" -> ok(winds.hasNext() ? winds.next().toString() : "3");
            case "POST balloons" -> ok("balloon-" + count);
            case "POST crews" -> ok("crew-" + count);
            case "POST notices", "DELETE balloons", "DELETE crews" -> ok("done");
            default -> new Reply(404, "unknown");
        };
    }

    private String allStations() {
        return stations.entrySet().stream()
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining("\n"));
    }

    private Reply renamed(String station, String name) {
        stations.put(station, name);
        return ok("done");
    }

    private static Reply ok(String body) {
        return new Reply(200, body);
    }
}
