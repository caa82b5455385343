package dev.orchestrator.examples.catalog;

/** What kind of content a file has, and whether its lines mean something. */
record MediaType(String name, boolean isText) {
    static final MediaType PLAIN_TEXT = new MediaType("text/plain", true);
    static final MediaType UNKNOWN = new MediaType("application/octet-stream", false);
}
