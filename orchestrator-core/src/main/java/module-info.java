/** An event-driven orchestrator framework: state and decisions on one side, work on the other, events between them. */
module dev.orchestrator {
    requires static transitive org.jspecify;

    exports dev.orchestrator;
    exports dev.orchestrator.spi;
}
