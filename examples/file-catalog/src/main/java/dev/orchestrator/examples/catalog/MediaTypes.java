package dev.orchestrator.examples.catalog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Tells the media type of a file from its name and its first bytes, the same on every machine.
 *
 * <p>The extension decides, unless it promises text and the content is none. Without a known extension text is told
 * from other content by the control characters that text does not have.
 */
final class MediaTypes {
    private static final int HEAD = 4096;

    private final Map<String, MediaType> byExtension = new HashMap<>();

    /** Reads the table; each line is {@code text|data TYPE EXTENSION...}. */
    MediaTypes() {
        var table = Objects.requireNonNull(MediaTypes.class.getResourceAsStream("media-types.txt"));
        try (var lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                var words = line.split(" ");
                var type = new MediaType(words[1], words[0].equals("text"));
                for (int i = 2; i < words.length; i++) byExtension.put(words[i], type);
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    MediaType of(String fileName, byte[] head, int length) {
        var named = byExtension.get(extension(fileName));
        if (named != null && !named.isText()) return named;
        if (!isText(head, Math.min(length, HEAD))) return MediaType.UNKNOWN;
        return named == null ? MediaType.PLAIN_TEXT : named;
    }

    private static String extension(String fileName) {
        int dot = fileName.lastIndexOf('.');
        return dot < 0 ? "" : fileName.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    private static boolean isText(byte[] head, int length) {
        for (int i = 0; i < length; i++) {
            byte b = head[i];
            boolean isControl = b >= 0 && b < ' ' || b == 0x7f;
            if (isControl && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b) return false;
        }
        return true;
    }
}
