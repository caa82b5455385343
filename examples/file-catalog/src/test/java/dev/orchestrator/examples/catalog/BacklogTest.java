package dev.orchestrator.examples.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Job;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is asked for and what waits is bounded, however large the tree is. */
class BacklogTest {
    private static final Path ROOT = Path.of("root");

    private final Backlog backlog = new Backlog();

    @Test
    void a_page_is_asked_for_only_when_few_files_wait() {
        backlog.add(new OpenFolder(ROOT));
        var first = (ListFolder) take();
        assertThat(backlog.next()).isNull();

        int listings = 0;
        for (var listing = first; listing != null; listings++) {
            backlog.ended(listing);
            backlog.add(listing.folder(), page(ListFolderExecutor.PAGE_SIZE, 0, false));
            listing = take() instanceof ListFolder another ? another : null;
        }

        assertThat(listings * ListFolderExecutor.PAGE_SIZE).isEqualTo(Backlog.ENOUGH_FILES);
    }

    @Test
    void only_so_many_jobs_are_under_way() {
        var root = new OpenFolder(ROOT);
        backlog.add(root, page(10_000, 10_000, true));

        var jobs = takeAll();

        assertThat(jobs).hasSize(Backlog.FILES_AT_A_TIME).allMatch(FingerprintFile.class::isInstance);
        backlog.ended(jobs.getFirst());
        assertThat(takeAll()).hasSize(1);
    }

    @Test
    void of_a_wide_tree_one_branch_is_listed_before_the_next() {
        backlog.add(new OpenFolder(ROOT), page(0, 100, false));

        var listings = takeAll();

        assertThat(listings).hasSize(Backlog.LISTINGS_AT_A_TIME);
        assertThat(((ListFolder) listings.getFirst()).folder().path()).isEqualTo(Path.of("root", "sub99"));
    }

    @Test
    void it_is_empty_when_nothing_waits_and_nothing_is_under_way() {
        assertThat(backlog.isEmpty()).isTrue();
        backlog.add(new OpenFolder(ROOT));
        assertThat(backlog.isEmpty()).isFalse();
        var listing = take();
        assertThat(backlog.isEmpty()).isFalse();
        backlog.ended(listing);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void stopping_forgets_what_waits_and_waits_for_what_is_under_way() {
        backlog.add(new OpenFolder(ROOT), page(100, 1, true));
        var underWay = takeAll();

        backlog.stop();
        backlog.add(new OpenFolder(ROOT), page(1, 1, false));

        assertThat(backlog.next()).isNull();
        assertThat(backlog.isEmpty()).isFalse();
        underWay.forEach(backlog::ended);
        assertThat(backlog.isEmpty()).isTrue();
    }

    @Test
    void bytes_are_told_once() {
        backlog.add(new OpenFolder(ROOT), page(1, 0, true));
        var job = take();

        assertThat(backlog.newBytes(job, 10)).isEqualTo(10);
        assertThat(backlog.newBytes(job, 30)).isEqualTo(20);
        assertThat(backlog.newBytes(job, 20)).isZero();
        assertThat(backlog.newBytes(job, 31)).isEqualTo(1);
    }

    private Job<?> take() {
        var job = backlog.next();
        if (job != null) backlog.begun(job);
        return job;
    }

    private List<Job<?>> takeAll() {
        var jobs = new ArrayList<Job<?>>();
        for (Job<?> job; (job = take()) != null; ) jobs.add(job);
        return jobs;
    }

    private static FolderPage page(int files, int folders, boolean isLast) {
        var page = isLast ? FolderPage.empty().asLast() : FolderPage.empty();
        var version = new FileVersion(100, 0, null);
        for (int i = 0; i < files; i++) page.files().add(new FingerprintFile(ROOT, Path.of("file" + i), version));
        for (int i = 0; i < folders; i++) page.folders().add(ROOT.resolve("sub" + i));
        return page;
    }
}
