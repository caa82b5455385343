package dev.orchestrator.examples.catalog;

import dev.orchestrator.BaseExecutor;
import dev.orchestrator.JobContext;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * Reads a page of a folder and says what each entry is.
 *
 * <p>Symbolic links are never followed, so there is no way to go round in circles or to leave the folder.
 */
final class ListFolderExecutor extends BaseExecutor<ListFolder, FolderPage> {
    /** Large enough to make a job worth its while, small enough that a huge folder needs little memory. */
    static final int PAGE_SIZE = 256;

    private static final String NOT_UNICODE = "the name is not valid Unicode; what is not is shown as its bytes";

    @Override
    protected FolderPage process(ListFolder job, JobContext context) throws IOException {
        var folder = job.folder();
        var page = FolderPage.empty();
        try {
            var entries = folder.entries();
            for (int i = 0; i < PAGE_SIZE; i++) {
                if (!entries.hasNext()) {
                    folder.close();
                    return page.asLast();
                }
                sort(folder.path(), entries.next(), page);
            }
            return page;
        } catch (DirectoryIteratorException broken) {
            folder.close();
            page.failures().add(new Remark(folder.path(), Reasons.of(broken.getCause()) + "; listed in part"));
            return page.asLast();
        }
    }

    private static void sort(Path folder, Path path, FolderPage page) {
        if (!PathText.of(path.getFileName()).isUnicode()) page.notes().add(new Remark(path, NOT_UNICODE));
        try {
            var attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isRegularFile()) {
                page.files().add(new FingerprintFile(folder, path.getFileName(), FileVersion.of(attributes)));
            } else if (attributes.isDirectory()) {
                page.folders().add(path);
            } else if (attributes.isSymbolicLink()) {
                sortLink(path, page);
            } else {
                page.skipped().add(new Remark(path, "neither a file nor a folder (a pipe, a socket or a device)"));
            }
        } catch (IOException unreadable) {
            page.failures().add(new Remark(path, Reasons.of(unreadable)));
        }
    }

    /** A link that leads somewhere is left out, one that leads nowhere is a failure. */
    private static void sortLink(Path link, FolderPage page) {
        try {
            boolean isFolder =
                    Files.readAttributes(link, BasicFileAttributes.class).isDirectory();
            boolean isLoop =
                    isFolder && link.toRealPath(LinkOption.NOFOLLOW_LINKS).startsWith(link.toRealPath());
            page.skipped()
                    .add(new Remark(
                            link,
                            isLoop
                                    ? "a symbolic link to a folder that it is in itself, a loop; links are not followed"
                                    : "a symbolic link to a " + (isFolder ? "folder" : "file")
                                            + "; links are not followed"));
        } catch (NoSuchFileException nothingThere) {
            page.failures().add(new Remark(link, Reasons.DANGLING_LINK));
        } catch (IOException unreadable) {
            page.failures().add(new Remark(link, Reasons.ofLink(unreadable)));
        }
    }
}
