package dev.orchestrator.model;

/** One step of a program. Numbers of orchestrators and jobs are taken modulo how many there are. */
sealed interface Step {
    /** Dispatches a job; through the dispatcher itself if the owner is 0, else through one of the orchestrators. */
    record Dispatch(int owner, JobSpec spec) implements Step {}

    /** Dispatches a job with the id of an earlier one. */
    record DispatchSameId(int job) implements Step {}

    /** Dispatches what has no executor. */
    record DispatchUnknown(int owner) implements Step {}

    /** Dispatches a job in place of the one of that orchestrator with that key. */
    record DispatchLatest(int owner, JobSpec spec, int key) implements Step {}

    /** Dispatches a job if that orchestrator has none with that key. */
    record DispatchIfIdle(int owner, JobSpec spec, int key) implements Step {}

    /** Cancels one of the jobs that were accepted. */
    record Cancel(int job) implements Step {}

    /** Cancels all jobs of an orchestrator. */
    record CancelAll(int owner) implements Step {}

    /** Cancels one of the tokens, whose numbers begin with 1. */
    record CancelToken(int token) implements Step {}

    /** Emits an event on one of the buses. */
    record Emit(int bus) implements Step {}

    /** Adds one to the state of an orchestrator. */
    record Update(int owner) implements Step {}

    /** Makes one more orchestrator on one of the buses; with a small mailbox it drops what it cannot hold. */
    record Open(int bus, boolean smallMailbox) implements Step {}

    /** Closes an orchestrator. */
    record Close(int owner, boolean cancels) implements Step {}

    /** Subscribes somebody who throws at every event. */
    record SubscribeThrower(int bus) implements Step {}

    /** Closes the dispatcher, which cancels what runs. */
    record CloseDispatcher() implements Step {}

    /** Closes the second bus. */
    record CloseBus() implements Step {}

    /** Lets everything happen that can. */
    record Run() implements Step {}

    /** Lets time pass. */
    record Advance(int millis) implements Step {}
}
