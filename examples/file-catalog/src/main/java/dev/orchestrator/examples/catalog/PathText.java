package dev.orchestrator.examples.catalog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A path in Unicode, whatever its bytes are and whatever the locale makes of them.
 *
 * <p>To some systems a name is a row of bytes. Java keeps them in the path, and shows what it cannot decode as U+FFFD;
 * then the text is made of the bytes. Bytes that are no UTF-8 are shown as {@code \xFF}, and in such a name a backslash
 * is doubled, so that different names stay different.
 *
 * @param isUnicode whether the name is valid Unicode, so that the text is the name itself
 */
record PathText(String text, boolean isUnicode) {
    private static final char UNKNOWN = '\ufffd';

    static PathText of(Path path) {
        var text = path.toString();
        if (text.indexOf(UNKNOWN) >= 0) return ofBytes(bytes(path));
        return hasLoneSurrogates(text) ? new PathText(withoutLoneSurrogates(text), false) : new PathText(text, true);
    }

    /** The bytes of the name; only a URI shows them. */
    private static byte[] bytes(Path path) {
        boolean isRelative = !path.isAbsolute();
        var root = path.getFileSystem().getRootDirectories().iterator().next();
        var uri = root.resolve(path).toUri().getRawPath();
        int end = uri.length() > 1 && uri.endsWith("/") ? uri.length() - 1 : uri.length();
        var bytes = new ByteArrayOutputStream();
        for (int i = isRelative ? 1 : 0; i < end; i++) {
            boolean isEscape = uri.charAt(i) == '%';
            bytes.write(isEscape ? Integer.parseInt(uri, i + 1, i + 3, 16) : uri.charAt(i));
            if (isEscape) i += 2;
        }
        return bytes.toByteArray();
    }

    private static PathText ofBytes(byte[] bytes) {
        try {
            var exact = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return new PathText(exact.toString(), true);
        } catch (CharacterCodingException notUnicode) {
            return new PathText(escaped(ByteBuffer.wrap(bytes)), false);
        }
    }

    private static String escaped(ByteBuffer bytes) {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var chunk = CharBuffer.allocate(bytes.remaining());
        var text = new StringBuilder();
        while (bytes.hasRemaining()) {
            var result = decoder.reset().decode(bytes, chunk, true);
            text.append(chunk.flip().toString().replace("\\", "\\\\"));
            chunk.clear();
            for (int i = 0; result.isError() && i < result.length(); i++) {
                text.append("\\x%02X".formatted(bytes.get()));
            }
        }
        return text.toString();
    }

    /** Where names are UTF-16, half a character may stand alone. */
    private static boolean hasLoneSurrogates(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (Character.isSurrogate(name.charAt(i))) return name.codePoints().anyMatch(PathText::isSurrogate);
        }
        return false;
    }

    private static String withoutLoneSurrogates(String name) {
        var text = new StringBuilder();
        name.replace("\\", "\\\\").codePoints().forEach(point -> {
            if (isSurrogate(point)) text.append("\\u%04X".formatted(point));
            else text.appendCodePoint(point);
        });
        return text.toString();
    }

    private static boolean isSurrogate(int point) {
        return point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
    }

    /** A name may hold anything, even what moves the cursor; it takes one line here, and does nothing. */
    static String printable(String name) {
        if (name.chars().noneMatch(Character::isISOControl)) return name;
        var text = new StringBuilder();
        name.codePoints().forEach(point -> {
            if (Character.isISOControl(point)) text.append("\\x%02X".formatted(point));
            else text.appendCodePoint(point);
        });
        return text.toString();
    }
}
