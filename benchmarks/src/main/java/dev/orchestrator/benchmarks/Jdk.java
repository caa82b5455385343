package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;

/** A JDK beside the one that runs this, where package managers put it or a variable such as JAVA21_HOME says it is. */
record Jdk(Path home, String version) {
    private static final List<Path> FOLDERS = List.of(
            Path.of("/usr/lib/jvm"),
            Path.of("/usr/java"),
            Path.of("/opt/java"),
            Path.of(System.getProperty("user.home"), ".sdkman", "candidates", "java"),
            Path.of(System.getProperty("user.home"), ".jdks"));

    /** One of that feature release, if one is installed. */
    static Optional<Jdk> ofRelease(int feature) {
        Stream<Path> told = System.getenv().entrySet().stream()
                .filter(variable -> variable.getKey().matches("JAVA" + feature + "_HOME(_.*)?"))
                .map(variable -> Path.of(variable.getValue()));
        return Stream.concat(told, FOLDERS.stream().flatMap(Jdk::inside))
                .flatMap(home -> at(home).stream())
                .filter(jdk -> jdk.version().matches(feature + "\\b.*"))
                .findFirst();
    }

    private static Stream<Path> inside(Path folder) {
        if (!Files.isDirectory(folder)) return Stream.of();
        try (var homes = Files.list(folder)) {
            return homes.sorted().toList().stream();
        } catch (IOException unreadable) {
            return Stream.of();
        }
    }

    /** The file that every JDK has tells its version, so that none is started for the question. */
    private static Optional<Jdk> at(Path home) {
        var jdk = new Jdk(home, "");
        if (!Files.isExecutable(jdk.java())) return Optional.empty();
        var release = new Properties();
        try (var text = Files.newBufferedReader(home.resolve("release"))) {
            release.load(text);
        } catch (IOException unreadable) {
            return Optional.empty();
        }
        return Optional.of(new Jdk(home, release.getProperty("JAVA_VERSION", "").replace("\"", "")));
    }

    Path java() {
        return home.resolve("bin").resolve("java");
    }
}
