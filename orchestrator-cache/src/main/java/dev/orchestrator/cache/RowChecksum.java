package dev.orchestrator.cache;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Over everything that makes a row, its tags too, and the identity of its file.
 *
 * <p>SQLite has no checksums of pages: a flipped bit in a value is a value to it. And pages of another file, which a
 * log that was left behind can bring in, are pages. A row of either kind does not match, so it is never given out.
 */
final class RowChecksum {
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES);

    private RowChecksum() {}

    static long of(long fileId, StoreKey key, Row row) {
        var sum = new RowChecksum();
        sum.add(fileId);
        sum.add(key.kind());
        sum.add(key.parts());
        sum.add(row.asOf());
        sum.add(row.asOfNanos());
        sum.add(row.keepUntil());
        sum.add(row.keepUntilNanos());
        sum.add(row.tags());
        sum.add(row.bytes());
        return sum.crc.getValue();
    }

    /** What is stored of a value, as plain as in the file: what is read from there may be no moment at all. */
    record Row(
            @SuppressWarnings("ArrayRecordComponent") byte @Nullable [] bytes, // never compared
            long asOf,
            int asOfNanos,
            long keepUntil,
            int keepUntilNanos,
            Set<String> tags) {}

    private void add(long value) {
        number.clear().putLong(value).flip();
        crc.update(number);
    }

    private void add(String text) {
        add(text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(Set<String> texts) {
        add(texts.size());
        for (String text : new TreeSet<>(texts)) add(text);
    }

    private void add(byte @Nullable [] bytes) {
        add(bytes == null ? -1L : bytes.length);
        if (bytes != null) crc.update(bytes);
    }
}
