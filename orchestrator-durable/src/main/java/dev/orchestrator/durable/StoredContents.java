package dev.orchestrator.durable;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Contents of attachments as streams; never more than a piece of one is in memory. */
final class StoredContents {
    private static final int AT_ONCE = 20;

    private final Database database;
    private final DatabaseClock clock;

    StoredContents(Database database, DatabaseClock clock) {
        this.database = database;
        this.clock = clock;
    }

    Store.StoredContent store(InputStream content) throws IOException {
        MessageDigest digest = sha256();
        long id = database.writeAlone(session -> AttachmentRows.begin(session, clock.now()));
        long size = 0;
        try {
            byte[] piece = content.readNBytes(AttachmentRows.PIECE);
            for (int place = 0; piece.length > 0; place++) {
                digest.update(piece);
                size += piece.length;
                add(id, place, piece);
                piece = content.readNBytes(AttachmentRows.PIECE);
            }
            String hash = HexFormat.of().formatHex(digest.digest());
            complete(id, hash, size);
            return new Store.StoredContent(hash, size);
        } catch (Throwable failed) {
            dropped(id, failed);
            throw failed;
        }
    }

    private void add(long id, int place, byte[] piece) {
        database.writeAlone(session -> {
            AttachmentRows.add(session, id, place, piece, clock.now());
            return true;
        });
    }

    /** Again if another one completes the same content at the same time: then there is one with that hash. */
    private void complete(long id, String hash, long size) {
        try {
            completeOnce(id, hash, size);
        } catch (DurableStoreException perhapsTheSameHash) {
            completeOnce(id, hash, size);
        }
    }

    private void completeOnce(long id, String hash, long size) {
        database.writeAlone(session -> {
            AttachmentRows.complete(session, id, hash, size, clock.now());
            return true;
        });
    }

    private void dropped(long id, Throwable why) {
        try {
            database.writeAlone(session -> {
                AttachmentRows.drop(session, id);
                return true;
            });
        } catch (RuntimeException alsoFailed) {
            why.addSuppressed(alsoFailed); // then it is removed as one that nobody needs
        }
    }

    Optional<InputStream> open(String hash) {
        Optional<Long> id = database.writeAlone(session -> AttachmentRows.asked(session, hash, clock.now()));
        return id.map(Pieces::new);
    }

    int removeUnneeded(Duration olderThan) {
        long before = clock.now() - Millis.of(olderThan);
        int removed = 0;
        List<Long> unneeded = database.read(session -> AttachmentRows.unneeded(session, before, AT_ONCE));
        while (!unneeded.isEmpty()) {
            int now = 0;
            for (long content : unneeded)
                if (database.<Boolean>writeAlone(session -> AttachmentRows.removeUnneeded(session, content, before)))
                    now++;
            removed += now;
            if (now == 0) break;
            unneeded = database.read(session -> AttachmentRows.unneeded(session, before, AT_ONCE));
        }
        return removed;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** Reads one content; for one thread at a time, as streams are. */
    private final class Pieces extends InputStream {
        private final long content;
        private int next;
        private int at;
        private byte @Nullable [] piece = new byte[0];

        Pieces(long content) {
            this.content = content;
        }

        private boolean hasMore() {
            while (piece != null && at == piece.length) {
                int place = next++;
                piece = database.read(session -> AttachmentRows.piece(session, content, place))
                        .orElse(null);
                at = 0;
            }
            return piece != null;
        }

        @Override
        public int read() {
            if (!hasMore()) return -1;
            byte[] bytes = Objects.requireNonNull(piece);
            return bytes[at++] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            Objects.checkFromIndexSize(from, length, into.length);
            if (length == 0) return 0;
            if (!hasMore()) return -1;
            byte[] bytes = Objects.requireNonNull(piece);
            int many = Math.min(length, bytes.length - at);
            System.arraycopy(bytes, at, into, from, many);
            at += many;
            return many;
        }

        @Override
        public void close() {
            piece = null;
            at = 0;
        }
    }
}
