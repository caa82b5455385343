package dev.orchestrator.examples.catalog;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** All that the user gets to know at the end. */
record Report(Path folder, CatalogState catalog, DuplicatesState duplicates, Duration took) {
    /** A remark with its path as text. */
    record Line(String path, String text) {}

    boolean isInterrupted() {
        return catalog.phase() == CatalogState.Phase.INTERRUPTED;
    }

    Findings findings() {
        return catalog.findings();
    }

    /** The folder itself, from the root of the file system on. */
    String folderName() {
        return PathText.of(folder.toAbsolutePath().normalize()).text();
    }

    /** A path as it is seen from the folder. */
    String nameOf(Path path) {
        return path.equals(folder) ? "." : PathText.of(folder.relativize(path)).text();
    }

    List<Line> lines(Chain<Remark> remarks) {
        return remarks.toList().stream()
                .map(remark -> new Line(nameOf(remark.path()), remark.text()))
                .sorted(Comparator.comparing(Line::path))
                .toList();
    }
}
