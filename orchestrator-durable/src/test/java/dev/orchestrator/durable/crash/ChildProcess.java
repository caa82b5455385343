package dev.orchestrator.durable.crash;

import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A {@link CrashChild}, as the test sees it: what it said, and the ways to harm it. */
final class ChildProcess implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedWriter commands;
    private final CopyOnWriteArrayList<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    /** Starts it; {@code heard} is told each line, on a thread of its own. */
    static ChildProcess start(String name, Consumer<String> heard, Path errors, List<String> arguments) {
        return start(name, heard, errors, List.of(), arguments);
    }

    /** Starts it behind another command. */
    static ChildProcess start(
            String name, Consumer<String> heard, Path errors, List<String> prefix, List<String> arguments) {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath(),
                CrashChild.class.getName()));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                    .start();
            return new ChildProcess(name, process, heard);
        } catch (IOException trouble) {
            throw new UncheckedIOException(trouble);
        }
    }

    private ChildProcess(String name, Process process, Consumer<String> heard) {
        this.name = name;
        this.process = process;
        commands = process.outputWriter();
        reader = Thread.ofPlatform().daemon().name(name).start(() -> {
            try (var output = process.inputReader()) {
                for (String line; (line = output.readLine()) != null; ) {
                    lines.add(line);
                    heard.accept(line);
                }
            } catch (IOException killed) {
                // nothing more will come
            }
        });
    }

    /** Whatever this test runs with, on the class path or the module path. */
    private static String classPath() {
        var all = new LinkedHashSet<String>();
        all.add(Path.of("target", "test-classes").toAbsolutePath().toString());
        all.add(Path.of("target", "classes").toAbsolutePath().toString());
        for (String property : List.of("jdk.module.path", "java.class.path", "surefire.test.class.path")) {
            String value = System.getProperty(property, "");
            for (String each : value.split(File.pathSeparator)) if (!each.isEmpty()) all.add(each);
        }
        return String.join(File.pathSeparator, all);
    }

    String name() {
        return name;
    }

    /** What it has said so far that begins so. */
    List<String> said(String prefix) {
        return lines.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    /** Waits until it has said something that begins so; gives the first. */
    String await(String prefix) {
        return await(prefix, line -> true);
    }

    String await(String prefix, Predicate<String> which) {
        Await.until(
                name + " says " + prefix + "...",
                () -> !process.isAlive() || said(prefix).stream().anyMatch(which),
                () -> "it said " + lines);
        return said(prefix).stream()
                .filter(which)
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is dead; it said " + lines));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Gives it a command, and waits until it is carried out. */
    void tell(String command) {
        String word = command.split(" ")[0];
        int before = said("done " + word).size();
        try {
            commands.write(command + "\n");
            commands.flush();
        } catch (IOException dead) {
            throw new UncheckedIOException(dead);
        }
        Await.until(
                name + " carries out " + command, () -> said("done " + word).size() > before, () -> "it said " + lines);
    }

    /** {@code kill -9}; all that it said until then is here when this returns. */
    void kill() {
        process.toHandle().destroyForcibly(); // Process.destroyForcibly would drop what was not read yet
        try {
            if (!process.waitFor(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                throw new AssertionError(name + " does not die");
            reader.join(Await.PATIENCE);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    /** Pauses it; returns when all of its threads stand still. */
    void stop() {
        signal("-STOP");
        Await.until(name + " stands still", this::standsStill, () -> "");
    }

    private boolean standsStill() {
        Path threads = Path.of("/proc", Long.toString(process.pid()), "task");
        try (var all = Files.list(threads)) {
            for (Path thread : all.toList()) {
                String state = Files.readString(thread.resolve("stat"));
                if (state.charAt(state.lastIndexOf(')') + 2) != 'T') return false;
            }
            return true;
        } catch (IOException elsewhere) {
            return !Files.exists(threads); // only Linux tells
        }
    }

    /** Lets it go on. */
    void go() {
        signal("-CONT");
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) throw new AssertionError("kill " + signal + " gave " + code);
        } catch (IOException trouble) {
            throw new UncheckedIOException(trouble);
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
