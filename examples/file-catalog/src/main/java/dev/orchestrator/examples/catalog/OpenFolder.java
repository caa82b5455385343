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
 * closed by the job that reads to its end, or by whoever gives up before, when that job may be in here still.
 */
final class OpenFolder implements AutoCloseable {
    private final Path path;
    private volatile @Nullable DirectoryStream<Path> stream;
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
            var open = Files.newDirectoryStream(path);
            stream = open;
            entries = open.iterator();
        }
        return entries;
    }

    @Override
    public void close() {
        try {
            var open = stream;
            if (open != null) open.close();
        } catch (IOException nothingToDo) {
            // All that was wanted of it is there.
        }
    }
}
