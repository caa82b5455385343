package dev.orchestrator.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The place of a store: whether it can be used, whether it is still the same file, and putting it aside.
 *
 * <p>The file is asked for its attributes and renamed, and never opened here: where locks belong to a process, closing a
 * second handle of a file drops the locks of the first, which is SQLite's.
 */
final class StoreFile {
    private static final int KEPT = 3;
    private static final Object NO_IDENTITY = new Object();
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Path path;

    private StoreFile(Path path) {
        this.path = path;
    }

    /** Makes the folder if it is missing. */
    static StoreFile at(Path given) throws IOException {
        if (!given.toUri().getScheme().equals("file"))
            throw new IOException(
                    "cache file " + given + ": it is in " + given.toUri().getScheme()
                            + ", which SQLite cannot read. Choose a path of the default file system.");
        Path absolute = given.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        if (folder == null || Files.isDirectory(absolute))
            throw new IOException("cache file " + given + ": it is a folder. Name a file in it.");
        try {
            Files.createDirectories(folder);
        } catch (IOException error) {
            throw new IOException(
                    "cache file " + given + ": its folder is missing and cannot be made. Choose another.", error);
        }
        // A link is followed: SQLite keeps its log beside the file that it leads to.
        Path real = Files.exists(absolute)
                ? absolute.toRealPath()
                : folder.toRealPath().resolve(absolute.getFileName());
        var file = new StoreFile(real);
        file.refuseWhatCannotBeWritten();
        return file;
    }

    private void refuseWhatCannotBeWritten() throws IOException {
        if (!Files.isWritable(folder()))
            throw new IOException("cache file " + path + ": its folder cannot be written, and SQLite keeps a log there."
                    + " Let this process write the folder, or choose another.");
        if (Files.exists(path) && !Files.isRegularFile(path))
            throw new IOException("cache file " + path + ": it is not a regular file. Choose another path.");
        if (Files.exists(path) && !Files.isWritable(path))
            throw new IOException("cache file " + path
                    + ": it cannot be written. Let this process write it, or choose another path.");
    }

    Path path() {
        return path;
    }

    String uri() {
        return uriOf(path);
    }

    /** Of the file that openings take turns by; see {@link OpeningTurn}. */
    String uriOfTurns() {
        return uriOf(beside("-opening"));
    }

    /** As an address, in which SQLite's driver takes no character of a name for one of its own. */
    private static String uriOf(Path file) {
        return file.toUri().toString();
    }

    /**
     * What the file is known by, whatever its name. A missing one is like no other, not even like itself.
     *
     * <p>Where the file system knows no such thing, as on Windows, all files are the same: there, a file that is open can
     * be neither renamed nor replaced.
     */
    Object identity() throws IOException {
        try {
            Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return key == null ? NO_IDENTITY : key;
        } catch (NoSuchFileException gone) {
            return new Object();
        }
    }

    /**
     * Renames the file and what SQLite keeps beside it, so that the name is free. Of those that were put aside, the
     * latest three stay.
     *
     * <p>The file goes first: if this ends in the middle, SQLite deletes a log that has no file. The other way round, it
     * would take the file without its log for a store, and what the log says for untold.
     *
     * @return the new name
     */
    Path putAside(Instant now) throws IOException {
        Path aside = freeName(now);
        Files.move(path, aside);
        for (String suffix : List.of("-wal", "-shm")) {
            if (Files.exists(beside(suffix)))
                Files.move(beside(suffix), aside.resolveSibling(aside.getFileName() + suffix));
        }
        List<Path> all = putAside();
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            for (String suffix : List.of("", "-wal", "-shm"))
                Files.deleteIfExists(old.resolveSibling(old.getFileName() + suffix));
        }
        return aside;
    }

    private Path freeName(Instant now) {
        for (Instant stamp = now; ; stamp = stamp.plusMillis(1)) {
            Path name = beside(".corrupt-" + STAMP.format(stamp));
            if (Files.notExists(name)) return name;
        }
    }

    /** The oldest first. */
    private List<Path> putAside() throws IOException {
        String prefix = path.getFileName() + ".corrupt-";
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder())) {
            for (Path file : files) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(prefix) && name.endsWith("Z")) all.add(file);
            }
        }
        all.sort(null);
        return all;
    }

    private Path beside(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    private Path folder() {
        Path folder = path.getParent();
        if (folder == null) throw new IllegalStateException(path + " has no folder");
        return folder;
    }
}
