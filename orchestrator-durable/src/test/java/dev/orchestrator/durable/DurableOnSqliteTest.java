package dev.orchestrator.durable;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** {@link DurableBehaviour} on a SQLite file. */
class DurableOnSqliteTest extends DurableBehaviour {
    @TempDir
    Path folder;

    @Override
    DurableStore store() {
        return DurableStore.sqlite(folder.resolve("jobs.db"));
    }
}
