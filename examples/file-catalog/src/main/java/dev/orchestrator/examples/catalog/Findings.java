package dev.orchestrator.examples.catalog;

/**
 * What the catalogue knows, except the duplicates.
 *
 * @param folders how many folders were listed to their end
 * @param files the files whose fingerprint was taken
 * @param retried what failed and was tried again, once for each time
 * @param skipped what is neither a file nor a folder
 * @param notes what is to be said about names
 */
record Findings(
        long folders,
        Amount files,
        MediaTotals totals,
        Chain<Remark> failures,
        Chain<Remark> retried,
        Chain<Remark> skipped,
        Chain<Remark> notes) {
    static final Findings NONE =
            new Findings(0, Amount.NONE, MediaTotals.NONE, Chain.empty(), Chain.empty(), Chain.empty(), Chain.empty());

    Findings plus(FolderPage page) {
        return new Findings(
                page.isLast() ? folders + 1 : folders,
                files,
                totals,
                failures.plusAll(page.failures()),
                retried,
                skipped.plusAll(page.skipped()),
                notes.plusAll(page.notes()));
    }

    Findings plus(Fingerprint fingerprint) {
        return new Findings(
                folders,
                files.plus(1, fingerprint.size()),
                totals.plus(fingerprint),
                failures,
                retried,
                skipped,
                notes);
    }

    Findings plusFailure(Remark failure) {
        return new Findings(folders, files, totals, failures.plus(failure), retried, skipped, notes);
    }

    Findings plusRetry(Remark retry) {
        return new Findings(folders, files, totals, failures, retried.plus(retry), skipped, notes);
    }
}
