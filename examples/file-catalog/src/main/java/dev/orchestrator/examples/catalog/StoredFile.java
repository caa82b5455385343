package dev.orchestrator.examples.catalog;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file and what it was like, as it is written down: the same in each run, wherever that is started from.
 *
 * @param place where it is, as a URI: no text of a path keeps names that are no text
 * @param key the text of what the file system calls it
 */
record StoredFile(
        String place, long size, long modified, @Nullable String key) {
    private static final Path UP = Path.of("..");

    static StoredFile of(FingerprintFile job) {
        var version = job.version();
        var key = version.key() == null ? null : version.key().toString();
        return new StoredFile(place(job.path()), version.size(), version.modified(), key);
    }

    /** Java adds a slash when it finds a folder, and by now the file may be one. */
    private static String place(Path path) {
        var absolute = path.toAbsolutePath();
        boolean leadsUp = false; // through a symbolic link that is another place than the text says
        for (Path each : absolute) leadsUp |= each.equals(UP);
        var uri = (leadsUp ? absolute : absolute.normalize()).toUri().toString();
        return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    }

    FingerprintFile file() {
        var path = Path.of(URI.create(place));
        return new FingerprintFile(path.getParent(), path.getFileName(), new FileVersion(size, modified, key));
    }

    /** The same for the same file, another one as soon as that has changed. */
    String id() {
        var all = place + '\n' + size + '\n' + modified + '\n' + key;
        return "fingerprint:" + Sha256.of(Sha256.digest().digest(all.getBytes(StandardCharsets.UTF_8)));
    }
}
