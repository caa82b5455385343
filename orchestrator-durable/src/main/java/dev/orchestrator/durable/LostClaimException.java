package dev.orchestrator.durable;

import java.io.Serial;

/** A worker reports about a work that is not its own any more: its lease was over, and others may have the work. */
final class LostClaimException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    LostClaimException(Store.Claim claim) {
        super(
                "the claim of " + claim.node() + " to durable job " + claim.work()
                        + " is lost: its lease was over, so nothing that it reports is kept",
                null,
                false,
                false);
    }
}
