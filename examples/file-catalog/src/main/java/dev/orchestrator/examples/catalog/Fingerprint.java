package dev.orchestrator.examples.catalog;

/**
 * What is in a file.
 *
 * @param lines how many lines, an unfinished last one included; {@link #NO_TEXT} if it is not text
 */
record Fingerprint(long size, Sha256 hash, String mediaType, long lines) {
    static final long NO_TEXT = -1;

    boolean isText() {
        return lines != NO_TEXT;
    }
}
