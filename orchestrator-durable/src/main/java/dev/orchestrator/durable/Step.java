package dev.orchestrator.durable;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Something done with the database, as a whole or not at all: it may be run again after it was rolled back. */
@FunctionalInterface
interface Step<T extends @Nullable Object> {
    T run(Session session) throws SQLException;
}
