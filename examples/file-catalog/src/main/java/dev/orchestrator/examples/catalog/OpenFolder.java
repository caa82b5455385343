package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A folder, and how far it has been listed.
 *
 * <p>Used by one job at a time; what orders two jobs is that the second is dispatched after the first has ended. It is
 * closed by the job that reads to its end or fails, or by whoever gives up in between.
 */
final class OpenFolder implements AutoCloseable {
    private final Path path;
    private @Nullable DirectoryStream<Path> stream;
    private @Nullable Iterator<Path> entries;

    OpenFolder(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** What has not been listed yet; opens the folder when first called. */
    Iterator<Path> entries() throws IOException {
        if (entries == null) {
            stream = Files.newDirectoryStream(path);
            entries = stream.iterator();
        }
        return entries;
    }

    @Override
    public void close() {
        try {
            if (stream != null) stream.close();
        } catch (IOException nothingToDo) {
            // All that was wanted of it is there.
        }
    }
}
