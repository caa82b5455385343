package dev.orchestrator.examples.catalog;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Content to the files that have it; not thread-safe. About 200 bytes a file, since nearly all of them are the only one
 * with their content: the first is kept by itself, and there is a list only where there are more.
 */
final class DuplicateIndex {
    private record Copy(Path folder, Path name, @Nullable Object key) {
        Path path() {
            return folder.resolve(name);
        }
    }

    private record Copies(long size, List<Copy> all) {}

    private final Map<Sha256, Copy> firsts = new HashMap<>();
    private final Map<Sha256, Copies> duplicates = new HashMap<>();

    void add(FingerprintFile file, Fingerprint fingerprint) {
        if (fingerprint.size() == 0) return; // all empty files are alike, and none wastes anything
        var copy = new Copy(file.folder(), file.name(), file.version().key());
        var first = firsts.putIfAbsent(fingerprint.hash(), copy);
        if (first == null) return;
        duplicates
                .computeIfAbsent(
                        fingerprint.hash(), hash -> new Copies(fingerprint.size(), new ArrayList<>(List.of(first))))
                .all()
                .add(copy);
    }

    /** The groups that waste space, the most wasteful first. */
    List<DuplicateGroup> groups() {
        var groups = new ArrayList<DuplicateGroup>();
        duplicates.forEach((hash, copies) -> {
            long wasted = copies.size() * (distinct(copies.all()) - 1);
            var files = copies.all().stream().map(Copy::path).sorted().toList();
            if (wasted > 0) groups.add(new DuplicateGroup(hash, copies.size(), wasted, files));
        });
        groups.sort(Comparator.comparingLong(DuplicateGroup::wasted)
                .reversed()
                .thenComparing(group -> group.files().getFirst()));
        return groups;
    }

    /** How many of them are files of their own; what has no key is. */
    private static long distinct(List<Copy> copies) {
        long withoutKey = copies.stream().filter(copy -> copy.key() == null).count();
        return withoutKey
                + copies.stream()
                        .map(Copy::key)
                        .filter(Objects::nonNull)
                        .distinct()
                        .count();
    }
}
