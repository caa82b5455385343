package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What tells whether a file is still the one that was listed.
 *
 * @param key what the file system calls it, the same for all names of one file, or the text of that; null where it has no
 *     such thing
 */
record FileVersion(long size, long modified, @Nullable Object key) {
    static FileVersion of(BasicFileAttributes attributes) {
        return new FileVersion(
                attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS), attributes.fileKey());
    }

    /** Whether it is the same version; of a key its text is enough, which is all that can be written down. */
    boolean isSame(FileVersion other) {
        return size == other.size
                && modified == other.modified
                && (Objects.equals(key, other.key) || String.valueOf(key).equals(String.valueOf(other.key)));
    }

    static FileVersion of(Path path) throws IOException {
        return of(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    }
}
