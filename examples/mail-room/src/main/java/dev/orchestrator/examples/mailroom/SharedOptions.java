package dev.orchestrator.examples.mailroom;

import dev.orchestrator.durable.DurableStore;
import picocli.CommandLine.Option;

/** What the processes on one database are told. */
final class SharedOptions {
    @Option(
            names = "--database",
            paramLabel = "URL",
            required = true,
            description = "where the PostgreSQL is: jdbc:postgresql://HOST:PORT/DATABASE")
    private String url;

    @Option(names = "--user", paramLabel = "NAME", description = "who asks (default: ${DEFAULT-VALUE})")
    private String user = "postgres";

    @Option(names = "--password", paramLabel = "WORD", description = "their password (default: none)")
    private String password = "";

    @Option(names = "--fast", description = "everything several times as fast")
    private boolean isFast;

    @Option(names = "--with-parent", hidden = true, description = "end when standard input does")
    private boolean endsWithParent;

    DurableStore store() {
        return DurableStore.postgres(url, user, password);
    }

    Pace pace() {
        return isFast ? Pace.FAST : Pace.LEISURELY;
    }

    boolean endsWithParent() {
        return endsWithParent;
    }
}
