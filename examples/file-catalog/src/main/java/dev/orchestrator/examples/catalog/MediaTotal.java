package dev.orchestrator.examples.catalog;

/**
 * What was found of one media type.
 *
 * @param lines how many lines, or {@link Fingerprint#NO_TEXT}
 */
record MediaTotal(String mediaType, long files, long bytes, long lines) {
    static MediaTotal of(Fingerprint first) {
        return new MediaTotal(first.mediaType(), 1, first.size(), first.lines());
    }

    MediaTotal plus(Fingerprint another) {
        long sum = another.isText() ? lines + another.lines() : Fingerprint.NO_TEXT;
        return new MediaTotal(mediaType, files + 1, bytes + another.size(), sum);
    }
}
