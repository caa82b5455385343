package dev.orchestrator.examples.catalog;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Some entries of a folder.
 *
 * @param files the regular files
 * @param folders the folders in it
 * @param skipped what is neither, and why it is left out
 * @param failures what could not be looked at
 * @param notes what is to be said about names
 * @param isLast whether there is no further page
 */
record FolderPage(
        List<FingerprintFile> files,
        List<Path> folders,
        List<Remark> skipped,
        List<Remark> failures,
        List<Remark> notes,
        boolean isLast) {
    static FolderPage empty() {
        return new FolderPage(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), false);
    }

    FolderPage asLast() {
        return new FolderPage(files, folders, skipped, failures, notes, true);
    }
}
