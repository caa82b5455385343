package dev.orchestrator.examples.catalog;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Names as the system knows them, where Linux tells: Java has turned the bytes of the arguments and of the working
 * folder into text, and what is not valid in the locale's encoding was lost.
 */
final class RawNames {
    private static final char UNKNOWN = '\ufffd';
    private static final Path ARGUMENTS = Path.of("/proc/self/cmdline");
    private static final Path WORKING_FOLDER = Path.of("/proc/self/cwd");

    private RawNames() {}

    /** The path that an argument of this program was meant to be; null if its text says it, or nobody knows. */
    static @Nullable Path argument(String text) {
        if (text.indexOf(UNKNOWN) < 0) return null;
        try {
            var argument = new ByteArrayOutputStream();
            for (byte b : Files.readAllBytes(ARGUMENTS)) {
                if (b != 0) argument.write(b);
                else if (decode(argument).equals(text)) return path(argument.toByteArray());
                else argument.reset();
            }
            return null;
        } catch (IOException notLinux) {
            return null;
        }
    }

    static @Nullable Path workingFolder() {
        try {
            return Files.readSymbolicLink(WORKING_FOLDER);
        } catch (IOException | UnsupportedOperationException notLinux) {
            return null;
        }
    }

    private static String decode(ByteArrayOutputStream argument) {
        return argument.toString(Charset.forName(System.getProperty("sun.jnu.encoding")));
    }

    /** A URI is the one way to make a path of bytes. */
    private static Path path(byte[] bytes) {
        boolean isAbsolute = bytes[0] == '/';
        var uri = new StringBuilder(isAbsolute ? "file://" : "file:///");
        for (byte b : bytes) {
            if (b == '/') uri.append('/');
            else uri.append("%%%02X".formatted(b));
        }
        var path = Path.of(URI.create(uri.toString()));
        return isAbsolute ? path : path.getRoot().relativize(path);
    }
}
