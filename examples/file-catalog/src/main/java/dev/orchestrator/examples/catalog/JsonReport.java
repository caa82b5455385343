package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/** Writes a report as JSON, in UTF-8, piece by piece. */
final class JsonReport {
    private final Report report;
    private final JsonGenerator json;

    private JsonReport(Report report, JsonGenerator json) {
        this.report = report;
        this.json = json;
    }

    static void write(Report report, OutputStream out) throws IOException {
        var factory = JsonFactory.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build();
        try (var json = factory.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
            new JsonReport(report, json).write();
        } catch (JacksonIOException wrapper) {
            throw wrapper.getCause();
        }
        out.write('\n');
        out.flush();
    }

    private void write() {
        var findings = report.findings();
        json.writeStartObject();
        json.writeStringProperty("folder", report.folderName());
        json.writeBooleanProperty("interrupted", report.isInterrupted());
        json.writeNumberProperty("milliseconds", report.took().toMillis());
        json.writeNumberProperty("folders", findings.folders());
        json.writeNumberProperty("files", findings.files().files());
        json.writeNumberProperty("bytes", findings.files().bytes());
        json.writeArrayPropertyStart("mediaTypes");
        findings.totals().largestFirst().forEach(this::write);
        json.writeEndArray();
        json.writeNumberProperty("wastedBytes", report.duplicates().wasted());
        json.writeArrayPropertyStart("duplicates");
        report.duplicates().groups().forEach(this::write);
        json.writeEndArray();
        write("failures", "reason", findings.failures());
        write("retried", "reason", findings.retried());
        write("skipped", "reason", findings.skipped());
        write("notes", "note", findings.notes());
        json.writeEndObject();
    }

    private void write(MediaTotal total) {
        json.writeStartObject();
        json.writeStringProperty("mediaType", total.mediaType());
        json.writeNumberProperty("files", total.files());
        json.writeNumberProperty("bytes", total.bytes());
        if (total.lines() == Fingerprint.NO_TEXT) json.writeNullProperty("lines");
        else json.writeNumberProperty("lines", total.lines());
        json.writeEndObject();
    }

    private void write(DuplicateGroup group) {
        json.writeStartObject();
        json.writeStringProperty("sha256", group.hash().toString());
        json.writeNumberProperty("bytes", group.size());
        json.writeNumberProperty("wastedBytes", group.wasted());
        json.writeArrayPropertyStart("files");
        for (Path file : group.files()) json.writeString(report.nameOf(file));
        json.writeEndArray();
        json.writeEndObject();
    }

    private void write(String name, String what, Chain<Remark> remarks) {
        json.writeArrayPropertyStart(name);
        for (Report.Line line : report.lines(remarks)) {
            json.writeStartObject();
            json.writeStringProperty("path", line.path());
            json.writeStringProperty(what, line.text());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
