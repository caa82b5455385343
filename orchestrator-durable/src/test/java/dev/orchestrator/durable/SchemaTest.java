package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The schema is applied once however many start, and one that does not fit is refused with what to do. */
@ParameterizedClass
@EnumSource(names = {"SQLITE", "POSTGRES"})
class SchemaTest {
    private final DurableStore database;

    SchemaTest(StoreTesting.Where where) {
        database = StoreTesting.database(where);
    }

    private Store open(DurableStore which) {
        return JdbcStore.open(which, StoreTesting.SETTINGS);
    }

    private void run(String... statements) throws Exception {
        try (Database opened = Database.open(database);
                Connection connection = opened.queue().getConnection();
                var statement = connection.createStatement()) {
            for (String each : statements) statement.execute(each);
        }
    }

    private List<String> versions() {
        try (Database opened = Database.open(database)) {
            return opened.read(session -> session.list("select version from orch_schema", row -> row.getString(1)));
        }
    }

    @Test
    void tenProcessesStartAtOnce() throws Exception {
        Callable<Boolean> process = () -> {
            try (Store store = open(database)) {
                return store.find("none").isEmpty();
            }
        };
        assertThat(StoreTesting.atOnce(new ArrayList<>(Collections.nCopies(10, process))))
                .hasSize(10)
                .allMatch(Boolean.TRUE::equals);
        assertThat(versions()).containsExactly("1");
    }

    @Test
    void aNewerOneIsRefused() throws Exception {
        open(database).close();
        run("update orch_schema set version = 7");
        for (DurableStore which : List.of(database, database.withSchemaApplied()))
            assertThatThrownBy(() -> open(which))
                    .isInstanceOf(DurableStoreException.class)
                    .hasMessageContaining("version 7")
                    .hasMessageContaining("version 1")
                    .hasMessageContaining("Update the program");
    }

    @Test
    void whoAppliesItHimselfIsToldWhatAndMayDoSo() throws Exception {
        DurableStore applied = database.withSchemaApplied();
        String folder = database.kind() == DurableStore.Kind.POSTGRES ? "postgres" : "sqlite";
        assertThatThrownBy(() -> open(applied))
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining("no schema")
                .hasMessageContaining("dev/orchestrator/durable/" + folder + "/1.sql")
                .hasMessageContaining("withSchemaApplied()");
        try (InputStream file = Durable.class.getResourceAsStream(folder + "/1.sql")) {
            run(new String(file.readAllBytes(), StandardCharsets.UTF_8).split(";\\R"));
        }
        try (Store store = open(applied)) {
            assertThat(store.dispatch(JobToStore.of("a").job())).isEqualTo(new Store.Dispatched.Added(true));
        }
        try (Store store = open(database)) {
            assertThat(store.find("a")).isPresent();
        }
        assertThat(versions()).containsExactly("1");
    }
}
