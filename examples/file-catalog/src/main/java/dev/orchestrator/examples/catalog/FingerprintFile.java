package dev.orchestrator.examples.catalog;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.orchestrator.Job;
import java.nio.file.Path;

/**
 * Asks for the fingerprint of a file.
 *
 * <p>Folder and name apart: all files of a folder share the one, which keeps an index of many files small.
 *
 * @param version what the file was like when it was listed
 */
record FingerprintFile(Path folder, Path name, FileVersion version) implements Job<Fingerprint> {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static FingerprintFile of(StoredFile stored) {
        return stored.file();
    }

    @JsonValue
    StoredFile stored() {
        return StoredFile.of(this);
    }

    Path path() {
        return folder.resolve(name);
    }
}
