package dev.orchestrator.examples.catalog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Counts lines as an editor does: by line feeds, and one more for a last line that has none. */
final class LineCounter {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long LINE_FEEDS = 0x0a0a_0a0a_0a0a_0a0aL;
    private static final long LOW_BITS = 0x7f7f_7f7f_7f7f_7f7fL;

    private long lineFeeds;
    private boolean isUnfinished;

    void add(byte[] bytes, int length) {
        int i = 0;
        // Eight at a time: a byte of x is zero where there is a line feed, and only then its top bit ends up clear.
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            long x = (long) LONGS.get(bytes, i) ^ LINE_FEEDS;
            lineFeeds += Long.BYTES - Long.bitCount(((x & LOW_BITS) + LOW_BITS | x) & ~LOW_BITS);
        }
        for (; i < length; i++) if (bytes[i] == '\n') lineFeeds++;
        if (length > 0) isUnfinished = bytes[length - 1] != '\n';
    }

    long lines() {
        return isUnfinished ? lineFeeds + 1 : lineFeeds;
    }
}
