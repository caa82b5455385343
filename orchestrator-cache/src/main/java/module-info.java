/** Results of jobs kept for later, in memory and on disk. */
module dev.orchestrator.cache {
    requires transitive dev.orchestrator;
    requires com.github.benmanes.caffeine;
    requires static java.sql;
    requires static org.xerial.sqlitejdbc;
    requires static transitive org.jspecify;

    exports dev.orchestrator.cache;
}
