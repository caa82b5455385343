package dev.orchestrator.durable;

/** What has to be known of a text that goes to a database as UTF-8. */
final class Utf8 {
    /** Two of them, and the name of a type, are what an index of PostgreSQL can hold. */
    private static final int LONGEST_NAME = 1_000;

    private Utf8() {}

    /** How many bytes a text has; counted only where it may be more than the limit, otherwise some number up to it. */
    static long sizeUpTo(String text, int limit) {
        if (text.length() * 3L <= limit) return text.length();
        long size = 0;
        for (int i = 0; i < text.length(); i++) size += bytesOf(text.charAt(i));
        return size;
    }

    private static int bytesOf(char unit) {
        if (unit < 0x80) return 1;
        return unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3; // two surrogates make a character of four bytes
    }

    /**
     * JSON in which no half of a surrogate pair stands alone: databases refuse such a text, or change it silently. It can
     * only stand within a string, so it is escaped there.
     */
    static String escapedWhereUnpaired(String json) {
        int first = unpaired(json, 0);
        if (first < 0) return json;
        var text = new StringBuilder(json.length() + 16);
        int done = 0;
        for (int i = first; i >= 0; i = unpaired(json, done)) {
            text.append(json, done, i).append(String.format("\\u%04x", (int) json.charAt(i)));
            done = i + 1;
        }
        return text.append(json, done, json.length()).toString();
    }

    private static int unpaired(String text, int from) {
        int i = from;
        while (i < text.length()) {
            int character = text.codePointAt(i);
            if (Character.isBmpCodePoint(character) && Character.isSurrogate((char) character)) return i;
            i += Character.charCount(character);
        }
        return -1;
    }

    /**
     * A text by which something is found again, as it is.
     *
     * @throws IllegalArgumentException if a database refuses it, or would find another one for it
     */
    static String checkedName(String text, String what) {
        if (sizeUpTo(text, LONGEST_NAME) > LONGEST_NAME)
            throw new IllegalArgumentException(what + " of a durable job has at most " + LONGEST_NAME
                    + " bytes as UTF-8, and this one has more (" + text.length() + " characters)");
        if (text.indexOf('\0') >= 0 || unpaired(text, 0) >= 0)
            throw new IllegalArgumentException(what
                    + " of a durable job cannot have zeros or halves of characters in it: databases do not keep them");
        return text;
    }

    /** A text of at most so many units, not cut within a character and without zeros, which PostgreSQL refuses. */
    static String bounded(String text, int limit) {
        String clean = text.replace('\0', '\uFFFD');
        if (clean.length() <= limit) return clean;
        int end = Character.isHighSurrogate(clean.charAt(limit - 1)) ? limit - 1 : limit;
        return clean.substring(0, end);
    }
}
