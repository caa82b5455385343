package dev.orchestrator;

/** A listener with a mailbox and a lane of its own: an orchestrator, or a stream of events. */
interface QueuedListener {
    /** Puts the event into the mailbox if it is wanted, and starts nothing. Throws nothing. */
    void offer(Envelope envelope);

    /** Whether a handler of it wants to know what the bus knows of an event, its time above all. */
    boolean wantsInfo();

    /** Lets the lane run if there is something for it. Called when every mailbox has the event. */
    void wake();

    /** The bus was closed: nothing comes any more. */
    void busClosed();
}
