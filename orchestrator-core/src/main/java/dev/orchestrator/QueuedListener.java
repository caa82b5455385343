package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** A listener with a mailbox and a lane of its own: an orchestrator, an asynchronous subscriber, or a stream of events. */
interface QueuedListener {
    /**
     * Puts the event into the mailbox if it is wanted, and starts nothing. Throws nothing.
     *
     * @return false if the mailbox is full and its rule is to fail
     */
    boolean offer(Envelope envelope);

    /** A quick look whether {@link #inTheWay} may find something. */
    default boolean isClosedToEmitters() {
        return false;
    }

    /**
     * What is in the way of an event; null if it is not wanted, if there is room, or if the rule makes nobody wait.
     *
     * @param about the run to which the event belongs
     * @param mayWait whether the emitter may wait; one who may lets those pass first who wait already
     */
    default @Nullable Full inTheWay(Event event, @Nullable JobRun<?> about, boolean mayWait) {
        return null;
    }

    /** Whose mailbox it is and what bounds it, for people. */
    default String mailboxName() {
        return "the mailbox of " + this;
    }

    /** Whether a handler of it wants to know what the bus knows of an event, its time above all. */
    boolean wantsInfo();

    /** Lets the lane run if there is something for it. Called when every mailbox has the event. */
    void wake();

    /** The bus was closed: nothing comes any more. */
    void busClosed();
}
