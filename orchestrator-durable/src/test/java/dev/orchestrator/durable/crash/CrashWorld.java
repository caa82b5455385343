package dev.orchestrator.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** A database and the processes on it: starts, kills and restarts them, and looks at the end whether all holds. */
final class CrashWorld implements AutoCloseable {
    private static final String OWNER = "owner";

    final CrashDatabase database;
    private final Path errors;
    private final Map<String, ChildProcess> children = new LinkedHashMap<>();
    private final Map<String, List<String>> arguments = new LinkedHashMap<>();
    private final AtomicInteger lives = new AtomicInteger();

    // Each written by the threads that read what children say.
    private final Map<String, Boolean> accepted = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Boolean> violations = new ConcurrentHashMap<>();
    private final AtomicInteger heard = new AtomicInteger();

    CrashWorld(CrashDatabase database, Path folder) {
        this.database = database;
        errors = folder.resolve("errors");
        database.prepare();
    }

    // ---- processes ----

    /** A process that dispatches deeds up to that number, and is told their endings. */
    ChildProcess owner(int deeds, String... more) {
        return start(OWNER, more, "owns=1", "to=" + deeds);
    }

    ChildProcess worker(String name, String... more) {
        return start(name, more, "workers=4");
    }

    ChildProcess start(String name, String[] more, String... first) {
        var all = new ArrayList<>(List.of("db=" + database.argument()));
        all.addAll(List.of(first));
        all.addAll(List.of(more));
        arguments.put(name, all);
        if (children.containsKey(name)) child(name).kill();
        return again(name);
    }

    /** Starts one of that name with the same arguments, but for what was accepted. */
    ChildProcess again(String name) {
        var all = new ArrayList<>(arguments.get(name));
        all.add("from=" + (accepted.size() + 1));
        var child = ChildProcess.start(name + "/" + lives.incrementAndGet(), this::hear, errors, all);
        children.put(name, child);
        return child;
    }

    private void hear(String line) {
        heard.incrementAndGet();
        if (line.startsWith("accepted ")) accepted.put(line.substring("accepted ".length()), true);
        if (line.startsWith("violation ")) violations.put(line, true);
    }

    ChildProcess child(String name) {
        return children.get(name);
    }

    int accepted() {
        return accepted.size();
    }

    /** Waits until the children have said some more lines, then a moment of chance, and kills one of them with -9. */
    void killOne(RandomGenerator chance) {
        int lines = heard.get() + 1 + chance.nextInt(60);
        Await.until(
                "more is said, or nothing more will be",
                () -> heard.get() >= lines
                        || isQuiet()
                        || children.values().stream().noneMatch(ChildProcess::isAlive),
                this::state);
        LockSupport.parkNanos(chance.nextLong(3_000_000));
        var names = List.copyOf(children.keySet());
        String name = names.get(chance.nextInt(names.size()));
        child(name).kill();
        again(name);
    }

    /** Whether all that was accepted is handled, and the owner has no more to dispatch. */
    private boolean isQuiet() {
        var owner = child(OWNER);
        return owner != null
                && !owner.said("dispatched").isEmpty()
                && database.count("select count(*) from crash_handled") >= accepted();
    }

    /** Waits until the owner has handled so many endings. */
    void awaitHandled(int count) {
        Await.until(
                count + " endings are handled",
                () -> database.count("select count(distinct id) from crash_handled") >= count,
                this::state);
    }

    /** For messages. */
    String state() {
        return "accepted " + accepted() + ", jobs "
                + database.rows("select state, count(*) from orch_job group by state") + ", not handled "
                + database.rows("select id, state, waits_for, news, reader, node, attempts, crashes from orch_job"
                        + " where id not in (select id from crash_handled) order by position limit 5")
                + ", queue " + database.rows("select * from orch_queue limit 5")
                + ", nodes " + database.rows("select id, alive_until from orch_node") + ", alive "
                + children.values().stream()
                        .filter(ChildProcess::isAlive)
                        .map(ChildProcess::name)
                        .toList()
                + ", errors " + errors();
    }

    private String errors() {
        try {
            String all = Files.exists(errors) ? Files.readString(errors) : "";
            return all.length() > 6_000 ? all.substring(0, 6_000) + "..." : all;
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    // ---- what holds at the end ----

    /** No accepted job is lost, each has one recorded ending, its owner has handled that once, and observers saw it in order. */
    void verify() {
        awaitHandled(accepted());
        assertThat(accepted.keySet())
                .as("what was accepted is stored")
                .isSubsetOf(database.rows("select id from orch_job"));
        assertThat(database.rows("select id, state from orch_job where state not in ('SUCCEEDED', 'FAILED')"))
                .as("what has no ending, or a wrong one; %s", state())
                .isEmpty();
        assertThat(database.rows("select id from crash_rewritten"))
                .as("endings recorded twice")
                .isEmpty();
        assertThat(database.rows("select id from crash_handled group by id having count(*) > 1"))
                .as("endings handled twice")
                .isEmpty();
        assertThat(database.rows(handled()))
                .as("what was handled is what is recorded")
                .isEmpty();
        assertThat(violations.keySet()).as("what observers saw").isEmpty();
        assertThat(database.rows("select task_name, task_instance from orch_queue where task_name like 'deed%'"))
                .as("what is left in the queue")
                .isEmpty();
    }

    /** Finds handled endings that are others than the recorded ones. */
    private String handled() {
        String run = database.isPostgres() ? "(result::json->>'run')" : "json_extract(result, '$.run')";
        return "select j.id, state, outcome from orch_job j left join crash_handled h on h.id = j.id where case state"
                + " when 'SUCCEEDED' then outcome is null or outcome <> 'SUCCEEDED ' || " + run
                + " else outcome is null or outcome <> 'Failure' end";
    }

    @Override
    public void close() {
        children.values().forEach(ChildProcess::close);
    }
}
