/** What a user needs to test code that is built on the orchestrator framework. */
module dev.orchestrator.testkit {
    requires transitive dev.orchestrator;
    requires transitive org.assertj.core;
    requires static transitive org.jspecify;
    requires transitive org.junit.jupiter.api;

    exports dev.orchestrator.testkit;

    opens dev.orchestrator.testkit to
            org.junit.platform.commons;
}
