package dev.orchestrator.durable;

import dev.orchestrator.JobProgress;
import dev.orchestrator.Origin;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Is told by the {@link Engine} what happens to works that this process does; those who own jobs here need not wait for the
 * database then. Called on the engine's threads; each call returns soon and throws nothing.
 *
 * <p>Whatever is told here is recorded already, where it is recorded at all.
 */
interface Listener {
    void began(String work, int attempt);

    void progress(String work, JobProgress progress);

    void data(String work, @Nullable Object value, Origin origin);

    void retrying(String work, int attempt, int limit, Throwable error, Duration delay);

    /** An event is stored, and its reader may be here. */
    void event(String work);

    /**
     * The ending of these jobs is recorded.
     *
     * @param value the value of a success, as the executor gave it
     * @param error the error of a failure, as it was thrown; null if it was none
     */
    void ended(
            Collection<String> jobs,
            Store.Ending ending,
            int attempts,
            @Nullable Object value,
            @Nullable Throwable error);

    /** Works were parked, or changed otherwise in a way that readers hear of by the database. */
    void changed();
}
