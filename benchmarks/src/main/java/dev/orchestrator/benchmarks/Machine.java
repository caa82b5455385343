package dev.orchestrator.benchmarks;

import com.google.common.eventbus.EventBus;
import com.lmax.disruptor.RingBuffer;
import io.netty.util.HashedWheelTimer;
import io.reactivex.rxjava3.core.Single;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.engio.mbassy.bus.SyncMessageBus;
import org.apache.pekko.actor.typed.ActorSystem;
import org.openjdk.jmh.annotations.Benchmark;
import org.springframework.context.ApplicationContext;
import reactor.core.publisher.Mono;

/** What a report was measured with. */
final class Machine {
    private static final List<Class<?>> LIBRARIES = List.of(
            Benchmark.class,
            EventBus.class,
            org.greenrobot.eventbus.EventBus.class,
            SyncMessageBus.class,
            Mono.class,
            Single.class,
            ApplicationContext.class,
            Vertx.class,
            HashedWheelTimer.class,
            RingBuffer.class,
            ActorSystem.class);

    private Machine() {}

    static String describe() throws IOException {
        return "JVM: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + ". Cores: "
                + Runtime.getRuntime().availableProcessors() + ". " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ".\n\nLibraries: "
                + LIBRARIES.stream().map(Machine::jarOf).collect(Collectors.joining(", ")) + ".";
    }

    private static String jarOf(Class<?> type) {
        try {
            String file = Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .getFileName()
                    .toString();
            return file.replaceFirst("\\.jar$", "");
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
