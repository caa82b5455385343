/** Circuit breaker, rate limiter and bulkhead around the jobs of an orchestrator, built on Resilience4j. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // its jars have a name and no descriptor
module dev.orchestrator.resilience4j {
    requires transitive dev.orchestrator;
    requires transitive io.github.resilience4j.bulkhead;
    requires transitive io.github.resilience4j.circuitbreaker;
    requires transitive io.github.resilience4j.ratelimiter;
    requires static transitive org.jspecify;

    exports dev.orchestrator.resilience4j;
}
