import com.palantir.javaformat.java.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Formats the Java files below the working directory ({@code apply}), or names those that differ ({@code check}). */
final class Format {
    public static void main(String[] args) throws Exception {
        var options = switch (args[0]) {
            case "check" -> Stream.of("--palantir", "--dry-run", "--set-exit-if-changed");
            case "apply" -> Stream.of("--palantir", "--replace");
            default -> throw new IllegalArgumentException("format must be check or apply, was " + args[0]);
        };
        var files = sources();
        if (files.isEmpty()) return; // without names the formatter refuses to run
        Main.main(Stream.concat(options, files.stream()).toArray(String[]::new)); // ends this process
    }

    private static List<String> sources() throws IOException {
        try (var paths = Files.walk(Path.of(""))) {
            return paths.map(Path::toString)
                    .filter(name -> name.matches("(.*/)?(src|tools)/.*\\.java"))
                    .sorted()
                    .toList();
        }
    }
}
