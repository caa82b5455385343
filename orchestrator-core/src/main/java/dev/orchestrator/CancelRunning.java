package dev.orchestrator;

/** Whether an orchestrator that is closed leaves its running jobs alone or cancels them. */
public enum CancelRunning {
    /** Cancels them, children included; their endings reach others, and this orchestrator no more. */
    YES,
    /** Lets them go on: their results may be observed or cached by others. */
    NO
}
