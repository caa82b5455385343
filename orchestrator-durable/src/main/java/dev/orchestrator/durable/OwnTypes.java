package dev.orchestrator.durable;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Collection;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.KeyDeserializer;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.jsontype.TypeSerializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.ser.std.StdSerializer;

/** How types are written that Jackson would not write as it is needed here. */
final class OwnTypes {
    /** The attribute of a writing under which the hashes of the attachments are collected. */
    static final Object HASHES = new Object();

    private OwnTypes() {}

    static SimpleModule module() {
        return new SimpleModule("dev.orchestrator.durable")
                .addSerializer(Attachment.class, new WriteAttachment())
                .addSerializer(Path.class, new WritePath())
                .addDeserializer(Path.class, new ReadPath())
                .addKeyDeserializer(Path.class, new ReadPathAsKey());
    }

    /** Writes an attachment as the record that it is, and notes that it is needed. */
    private static final class WriteAttachment extends StdSerializer<Attachment> {
        WriteAttachment() {
            super(Attachment.class);
        }

        @Override
        public void serialize(Attachment value, JsonGenerator out, SerializationContext context) {
            note(value.hash(), context);
            out.writeStartObject(value);
            out.writeStringProperty("hash", value.hash());
            out.writeStringProperty("name", value.name());
            out.writeNumberProperty("size", value.size());
            out.writeEndObject();
        }

        @SuppressWarnings("unchecked") // only this module sets the attribute
        private static void note(String hash, SerializationContext context) {
            if (context.getAttribute(HASHES) instanceof Collection<?> hashes) ((Collection<String>) hashes).add(hash);
        }
    }

    /** Writes a path as it was given: Jackson would make an absolute URI of it, and look at the disk for that. */
    private static final class WritePath extends StdScalarSerializer<Path> {
        WritePath() {
            super(Path.class);
        }

        @Override
        public void serialize(Path value, JsonGenerator out, SerializationContext context) {
            if (!value.getFileSystem().equals(FileSystems.getDefault()))
                throw new UnstorableException("a path in a file system of its own ("
                        + value.getFileSystem().provider().getScheme()
                        + ") is not there for who reads it; store its URI, or the content as an attachment");
            out.writeString(value.toString());
        }

        @Override
        public void serializeWithType(
                Path value, JsonGenerator out, SerializationContext context, TypeSerializer typed) {
            serialize(value, out, context);
        }
    }

    private static final class ReadPath extends StdScalarDeserializer<Path> {
        ReadPath() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser in, DeserializationContext context) {
            String text = in.getValueAsString();
            return text == null ? (Path) context.handleUnexpectedToken(Path.class, in) : Path.of(text);
        }
    }

    private static final class ReadPathAsKey extends KeyDeserializer {
        @Override
        public Object deserializeKey(String key, DeserializationContext context) {
            return Path.of(key);
        }
    }
}
