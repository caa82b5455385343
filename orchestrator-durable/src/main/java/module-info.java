/** Jobs that survive a crash, on one machine or many. */
@SuppressWarnings("requires-automatic") // db-scheduler has a fixed name, and no descriptor
module dev.orchestrator.durable {
    requires transitive dev.orchestrator;
    requires transitive java.sql;
    requires com.github.kagkarlsson.scheduler;
    requires com.zaxxer.hikari;
    requires org.xerial.sqlitejdbc;
    requires transitive tools.jackson.databind;
    requires static org.postgresql.jdbc;
    requires static org.checkerframework.checker.qual; // in the classes of the driver
    requires static transitive org.jspecify;

    exports dev.orchestrator.durable;
}
