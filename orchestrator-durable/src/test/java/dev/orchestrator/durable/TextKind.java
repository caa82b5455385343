package dev.orchestrator.durable;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.JobExecutor;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.SignalBus;
import dev.orchestrator.spi.AttemptReports;
import dev.orchestrator.spi.DrivenType;
import dev.orchestrator.spi.JobControl;
import dev.orchestrator.spi.JobDriver;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Jobs that are a text and give back a text, made by hand. What begins with "broken" cannot be read or written. */
final class TextKind implements Kind<TextKind.Text, String> {
    /** A job. */
    record Text(String text) implements Job<String> {}

    final String name;
    final Dispatcher dispatcher;
    private final JobExecutor<Text, String> executor;
    private final DrivenType<Text, String> driven;
    volatile boolean isDoneHere = true;
    volatile @Nullable Condition condition;
    volatile Predicate<Throwable> offline = error -> false;

    TextKind(String name, Dispatcher dispatcher, JobOptions options, JobExecutor<Text, String> executor) {
        this.name = name;
        this.dispatcher = dispatcher;
        this.executor = executor;
        this.driven = dispatcher.drive(Text.class, new Undispatched(), options);
    }

    private static final class Undispatched implements JobDriver<Text, String> {
        @Override
        public void start(Text job, JobControl<String> control) {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public Iterable<String> tasks() {
        return List.of(name + "@1");
    }

    @Override
    public Class<Text> type() {
        return Text.class;
    }

    @Override
    public boolean isDoneHere() {
        return isDoneHere;
    }

    @Override
    public @Nullable Condition condition() {
        return condition;
    }

    @Override
    public boolean isOffline(Throwable error) {
        return offline.test(error);
    }

    @Override
    public Text decode(int version, String payload) {
        if (payload.startsWith("broken")) throw new UnreadableException("it is " + payload, null);
        return new Text(payload);
    }

    @Override
    public Payloads.Encoded encode(Text job) {
        return new Payloads.Encoded(job.text(), List.of());
    }

    @Override
    public String encodeResult(String value) {
        if (value.startsWith("broken")) throw new IllegalArgumentException("it is " + value);
        return value;
    }

    @Override
    public String decodeResult(String json) {
        return json;
    }

    @Override
    public JobOptions settle(Text job, JobOptions asked) {
        return driven.settle(job, asked);
    }

    @Override
    public JobHandle<String> attempt(Text job, String id, SignalBus bus, JobOptions options, AttemptReports reports) {
        return driven.attempt(job, id, Inside.executor(executor), bus, options, reports);
    }
}
