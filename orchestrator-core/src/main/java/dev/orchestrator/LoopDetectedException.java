package dev.orchestrator;

import java.io.Serial;

/**
 * Tells whoever dispatches or emits inside a handler that its chain of causes was stopped: handlers set each other off in
 * a circle (P13).
 *
 * <p>The message names the circle. What was refused left nothing behind, and everything outside the chain goes on; the
 * endings of its jobs were told. A handler that lets this pass ends there like one that throws anything else (P5).
 *
 * @see SignalBus.Builder#loopGuard
 */
public class LoopDetectedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1;

    LoopDetectedException(String refused, String circle, int links) {
        super(refused + " was refused: handlers set each other off in a circle, " + circle + ", for " + links
                + " links, each within 10 ms of the one before. Let one of them stop, or slow the circle down; a chain"
                + " that is meant to be so long needs other limits: SignalBus.builder().loopGuard(...)");
    }
}
