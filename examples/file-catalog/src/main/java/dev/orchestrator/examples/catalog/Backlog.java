package dev.orchestrator.examples.catalog;

import dev.orchestrator.Job;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done and what is under way; it decides what comes next, and so how much memory the catalogue needs.
 *
 * <p>Only so many files are asked for at a time, and a folder's next page only when few files wait. Folders come last
 * in, first out: so at most a page of subfolders waits per level of the tree, and not the whole breadth of it.
 */
final class Backlog {
    static final int FILES_AT_A_TIME = 256;
    static final int LISTINGS_AT_A_TIME = 32;
    static final int ENOUGH_FILES = 2 * ListFolderExecutor.PAGE_SIZE;

    private final ArrayDeque<OpenFolder> folders = new ArrayDeque<>();
    private final ArrayDeque<FingerprintFile> files = new ArrayDeque<>();
    private final Map<Job<?>, UnderWay> underWay = new IdentityHashMap<>();
    private int listings;
    private boolean isStopped;

    /** How much of a file that is being read has been told as done. */
    private static final class UnderWay {
        private long bytesTold;
    }

    void add(OpenFolder folder) {
        folders.push(folder);
    }

    /** The rest of the folder waits below the subfolders that were just found in it. */
    void add(OpenFolder folder, FolderPage page) {
        if (isStopped) {
            folder.close();
            return;
        }
        if (!page.isLast()) folders.push(folder);
        for (Path each : page.folders()) folders.push(new OpenFolder(each));
        files.addAll(page.files());
    }

    /** Takes out the job that should be dispatched now; null if it is time to wait. */
    @Nullable
    Job<?> next() {
        if (listings < LISTINGS_AT_A_TIME && files.size() < ENOUGH_FILES && !folders.isEmpty()) {
            return new ListFolder(folders.pop());
        }
        return underWay.size() - listings < FILES_AT_A_TIME ? files.poll() : null;
    }

    void begun(Job<?> job) {
        underWay.put(job, new UnderWay());
        if (job instanceof ListFolder) listings++;
    }

    /** How many bytes more than last time are done, if so many are done now. */
    long newBytes(Job<?> job, long bytesDone) {
        var progress = underWay.get(job);
        if (progress == null) return 0;
        long more = Math.max(0, bytesDone - progress.bytesTold);
        progress.bytesTold += more;
        return more;
    }

    void ended(Job<?> job) {
        if (underWay.remove(job) != null && job instanceof ListFolder) listings--;
    }

    boolean isEmpty() {
        return underWay.isEmpty() && files.isEmpty() && folders.isEmpty();
    }

    /** Forgets what is to be done. */
    void stop() {
        isStopped = true;
        files.clear();
        folders.forEach(OpenFolder::close);
        folders.clear();
    }
}
