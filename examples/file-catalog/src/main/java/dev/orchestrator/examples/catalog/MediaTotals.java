package dev.orchestrator.examples.catalog;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The totals per media type; immutable. There are some dozen types, so an array that is copied is as good as a map. */
final class MediaTotals {
    static final MediaTotals NONE = new MediaTotals(new MediaTotal[0]);

    private final MediaTotal[] totals;

    private MediaTotals(MediaTotal[] totals) {
        this.totals = totals;
    }

    MediaTotals plus(Fingerprint fingerprint) {
        int at = indexOf(fingerprint.mediaType());
        var changed = Arrays.copyOf(totals, Math.max(totals.length, at + 1));
        changed[at] = at < totals.length ? totals[at].plus(fingerprint) : MediaTotal.of(fingerprint);
        return new MediaTotals(changed);
    }

    private int indexOf(String mediaType) {
        int i = 0;
        while (i < totals.length && !totals[i].mediaType().equals(mediaType)) i++;
        return i;
    }

    /** The largest first. */
    List<MediaTotal> largestFirst() {
        return Arrays.stream(totals)
                .sorted(Comparator.comparingLong(MediaTotal::bytes).reversed().thenComparing(MediaTotal::mediaType))
                .toList();
    }
}
