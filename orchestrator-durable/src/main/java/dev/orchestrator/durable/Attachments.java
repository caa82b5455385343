package dev.orchestrator.durable;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The files that durable jobs need, in the database with them: whichever machine runs a job has its attachments.
 *
 * <p>Add the file first, and put the {@link Attachment} into the job's record. What is equal is kept once, whoever adds it.
 * A content stays as long as a job needs it; one that no job needs is removed some time after it was added or needed last,
 * an hour at least. All methods may be called from any thread; they read piece by piece, so files may be large.
 */
public final class Attachments {
    private final Store store;

    Attachments(Store store) {
        this.store = store;
    }

    /**
     * Copies a file into the database, under the last part of its path as the name.
     *
     * @throws NoSuchFileException if there is no such file
     * @throws IOException if it cannot be read, is no regular file, or changed while it was read
     * @throws DurableStoreException if the database does not take it
     */
    public Attachment add(Path file) throws IOException {
        Path name = Objects.requireNonNull(file, "file").getFileName();
        BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
        if (name == null || !before.isRegularFile())
            throw new IOException(file + " is no regular file, so it cannot be attached");
        Attachment attachment;
        try (InputStream content = Files.newInputStream(file)) {
            attachment = add(content, name.toString());
        }
        checkUnchanged(file, before, attachment.size());
        return attachment;
    }

    /** A half-written file is no file anybody wants; what was copied of it is needed by nobody, and goes. */
    private static void checkUnchanged(Path file, BasicFileAttributes before, long read) throws IOException {
        BasicFileAttributes after;
        try {
            after = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException gone) {
            throw changed(file, "is not there any more", gone);
        }
        boolean isSame = after.size() == read
                && before.size() == read
                && after.lastModifiedTime().equals(before.lastModifiedTime())
                && Objects.equals(after.fileKey(), before.fileKey());
        if (!isSame) throw changed(file, "has changed", null);
    }

    private static IOException changed(Path file, String what, @Nullable Throwable cause) {
        return new IOException(
                file + " " + what + " while it was read, so it is not attached. Add it when it is written", cause);
    }

    /**
     * Copies what a stream has into the database. The stream is read to its end and not closed.
     *
     * @param name what it is called, for people
     * @throws IllegalArgumentException if the name is blank
     * @throws IOException what the stream throws
     * @throws DurableStoreException if the database does not take it
     */
    public Attachment add(InputStream content, String name) throws IOException {
        Objects.requireNonNull(content, "content");
        if (Objects.requireNonNull(name, "name").isBlank())
            throw new IllegalArgumentException("the name of an attachment must not be blank");
        Store.StoredContent stored = store.store(unclosed(content));
        return new Attachment(stored.hash(), Utf8.bounded(name, 1_000), stored.size());
    }

    private static InputStream unclosed(InputStream content) {
        return new FilterInputStream(content) {
            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                return in.read(bytes, from, count);
            }

            @Override
            public void close() {}
        };
    }

    /**
     * The content, to be closed when it is read.
     *
     * @throws DurableStoreException if it is not in the database any more, or the database cannot be reached
     */
    public InputStream open(Attachment attachment) {
        return store.open(Objects.requireNonNull(attachment, "attachment").hash())
                .orElseThrow(() -> gone(attachment));
    }

    private static DurableStoreException gone(Attachment attachment) {
        return new DurableStoreException("the content of attachment '" + attachment.name() + "' (SHA-256 "
                + attachment.hash() + ") is not in the database: it was removed since no job needed it, or it is in"
                + " another database. Add the file again");
    }

    /**
     * Copies the content into a file, which is there whole or not at all; one that is there is replaced.
     *
     * @throws IOException if the file cannot be written
     * @throws DurableStoreException if the content is not in the database any more, or the database cannot be reached
     */
    public void copyTo(Attachment attachment, Path file) throws IOException {
        Path folder = Objects.requireNonNull(file, "file").toAbsolutePath().getParent();
        if (folder == null) throw new IOException(file + " is no place for a file");
        try (InputStream content = open(attachment)) {
            Path part = folder.resolve(".attachment-" + UUID.randomUUID() + ".part");
            try {
                copy(content, part, attachment);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        }
    }

    private static void copy(InputStream content, Path part, Attachment attachment) throws IOException {
        long size = Files.copy(content, part);
        if (size == attachment.size()) return;
        throw new IOException("the content of attachment '" + attachment.name() + "' has " + size + " bytes, and not "
                + attachment.size() + " as when it was added");
    }
}
