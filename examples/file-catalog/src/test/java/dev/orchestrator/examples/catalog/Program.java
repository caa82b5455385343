package dev.orchestrator.examples.catalog;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One run of the program, as its main function does it: what it printed, and how it ended. */
record Program(int exitCode, String out, String err) {
    static Program run(Object... arguments) throws CharacterCodingException {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var strings = new ArrayList<String>();
        for (Object argument : arguments) strings.add(argument.toString());
        int exitCode = FileCatalog.run(
                out, new PrintStream(err, true, StandardCharsets.UTF_8), strings.toArray(String[]::new));
        return new Program(exitCode, utf8(out), utf8(err));
    }

    /** How to start it as a process of its own; arguments follow. */
    static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                FileCatalog.class.getName());
    }

    /** The report on a folder, as JSON. */
    static JsonNode reportOn(Path folder) throws CharacterCodingException {
        return run("--json", folder).json();
    }

    JsonNode json() {
        return JsonMapper.shared().readTree(out);
    }

    /** The elements of an array of the report, each as it is. */
    static List<JsonNode> list(JsonNode array) {
        return new ArrayList<>(array.values());
    }

    /** The elements of an array of texts. */
    static List<String> texts(JsonNode array) {
        return array.values().stream().map(JsonNode::stringValue).toList();
    }

    /** Of an array of remarks, one line each. */
    static List<String> remarks(JsonNode array, String what) {
        return array.values().stream()
                .map(each ->
                        each.get("path").stringValue() + ": " + each.get(what).stringValue())
                .toList();
    }

    /** Throws where the bytes are not UTF-8. */
    private static String utf8(ByteArrayOutputStream bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes.toByteArray()))
                .toString();
    }
}
