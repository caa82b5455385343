package dev.orchestrator.examples.catalog;

import java.util.List;

/**
 * What is known of duplicates.
 *
 * @param groups all of them, once all fingerprints were seen; empty before
 */
record DuplicatesState(boolean isOver, List<DuplicateGroup> groups) {
    static final DuplicatesState UNKNOWN = new DuplicatesState(false, List.of());

    long wasted() {
        return groups.stream().mapToLong(DuplicateGroup::wasted).sum();
    }
}
