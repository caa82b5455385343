package dev.orchestrator.durable;

import dev.orchestrator.JobProgress;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Progress as JSON. Its payload comes back as plain JSON has it: as maps, lists, texts and numbers. One that cannot be
 * written is left out, since a job must not fail for what it says on the way.
 */
final class ProgressJson {
    private ProgressJson() {}

    static String encode(JobProgress progress, JsonPayloads payloads) {
        ObjectNode document = Documents.create().put("fraction", progress.fraction());
        if (progress.step() != 0) document.put("step", progress.step());
        if (progress.total() != 0) document.put("total", progress.total());
        if (progress.message() != null) document.put("message", progress.message());
        if (progress.payload() != null) addPayload(document, progress.payload(), payloads);
        return Documents.text(document);
    }

    private static void addPayload(ObjectNode document, Object payload, JsonPayloads payloads) {
        try {
            document.set("payload", payloads.tree(payload));
        } catch (IllegalArgumentException unwritable) {
            // Left out, as the class says.
        }
    }

    static JobProgress decode(String json, JsonPayloads payloads) {
        ObjectNode document = Documents.read(json, "a stored progress");
        JsonNode payload = document.get("payload");
        return new JobProgress(
                document.path("fraction").asDouble(0),
                Math.max(0, document.path("step").asLong(0)),
                Math.max(0, document.path("total").asLong(0)),
                Documents.text(document, "message"),
                payload == null ? null : payloads.decode(Documents.text(payload), Object.class, "a stored progress"));
    }
}
