package dev.orchestrator.durable;

import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Payloads that are their own text. */
final class TextPayloads implements Payloads {
    @Override
    public Encoded encode(@Nullable Object value, Type type) {
        return new Encoded(String.valueOf(value), List.of());
    }

    @Override
    public void check(Type type) {}

    @Override
    public Object decode(String json, Type type, String what) {
        return json;
    }

    @Override
    public String encodeError(Throwable error) {
        return error.getClass().getName() + ": " + error.getMessage();
    }

    @Override
    public Throwable decodeError(String json) {
        return new IllegalStateException(json);
    }

    @Override
    public String encodeOptions(JobOptions asked) {
        return "{}";
    }

    @Override
    public JobOptions decodeOptions(String json) {
        return JobOptions.none();
    }

    @Override
    public String encodeProgress(JobProgress progress) {
        return String.valueOf(progress.fraction());
    }

    @Override
    public JobProgress decodeProgress(String json) {
        return JobProgress.of(Double.parseDouble(json));
    }
}
