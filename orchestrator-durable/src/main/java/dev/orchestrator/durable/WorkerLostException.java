package dev.orchestrator.durable;

import java.io.Serial;

/** The processes that did a work were gone, one after the other, more often than a work may lose its worker. */
final class WorkerLostException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    WorkerLostException(int times) {
        super(
                "the process that did the job was gone " + times + " times; perhaps the job itself brings it down",
                null,
                false,
                false);
    }
}
