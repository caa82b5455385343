package dev.orchestrator.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.Interleavings;
import dev.orchestrator.testkit.TestWorld;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The whole tour, with an office at hand and a clock that moves when nobody can go on. */
class TourTest {
    @Interleavings(100)
    void every_order_shows_the_same_at_the_same_time(TestWorld world) throws Exception {
        assertThat(tourIn(world)).isEqualTo(Expected.output());
    }

    private static String tourIn(TestWorld world) throws Exception {
        var bytes = new ByteArrayOutputStream();
        var view = new PlainView(new PrintStream(bytes, true, StandardCharsets.UTF_8), world.time());
        var office = new WeatherOffice(world.time(), 1);
        try (var desk = new Desk(world.bus(), world.dispatcher(), office, view)) {
            new Tour(desk, world.bus(), world.dispatcher(), view, world::advance).play();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
