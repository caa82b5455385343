package dev.orchestrator.benchmarks;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.google.common.eventbus.EventBus;
import com.lmax.disruptor.RingBuffer;
import com.zaxxer.hikari.HikariDataSource;
import io.netty.util.HashedWheelTimer;
import io.reactivex.rxjava3.core.Single;
import io.vertx.core.Vertx;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import net.engio.mbassy.bus.SyncMessageBus;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jobrunr.server.BackgroundJobServer;
import org.openjdk.jmh.annotations.Benchmark;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.context.ApplicationContext;
import org.sqlite.SQLiteDataSource;
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

    /** Those of durable jobs. */
    static final List<Class<?>> DURABLE = List.of(
            Scheduler.class,
            BackgroundJobServer.class,
            SQLiteDataSource.class,
            PGSimpleDataSource.class,
            HikariDataSource.class);

    private Machine() {}

    static String describe() {
        return describe(LIBRARIES);
    }

    static String describe(List<Class<?>> libraries) {
        return "JVM: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + ". Cores: "
                + Runtime.getRuntime().availableProcessors() + ". " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch") + ".\n\nLibraries: "
                + libraries.stream().map(Machine::jarOf).collect(Collectors.joining(", ")) + ".";
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
