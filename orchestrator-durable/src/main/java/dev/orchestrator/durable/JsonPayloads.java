package dev.orchestrator.durable;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.orchestrator.BaseEvent;
import dev.orchestrator.BaseJob;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON by Jackson: records, enums, collections, sealed families, {@code java.time} as ISO text.
 *
 * <p>Properties that a type does not know are left out when it is read. A program that is rolled back meets fields that its
 * newer version has added, and can do without them; whoever gives a field a new meaning gives its type a new version.
 * What is missing is null for the constructor to judge, and refused where the type is primitive.
 */
final class JsonPayloads implements Payloads {
    /** How large the JSON of a value may be unless set: a megabyte. */
    static final int LARGEST = 1 << 20;

    private final JsonMapper mapper;
    private final int largest;

    // Filled by any thread; the keys are registered types and their results, so they are few.
    private final Map<Type, ObjectWriter> writers = new ConcurrentHashMap<>();
    private final Map<Type, ObjectReader> readers = new ConcurrentHashMap<>();

    JsonPayloads() {
        this(settings(), LARGEST);
    }

    /**
     * Takes a mapper of the user's.
     *
     * @param builder made of {@link #settings}, or of settings of the user's own, which are all kept
     * @param largest how many bytes of JSON a value may have
     */
    JsonPayloads(JsonMapper.Builder builder, int largest) {
        if (largest < 1) throw new IllegalArgumentException("the largest size must be 1 byte or more, was " + largest);
        this.largest = largest;
        mapper = builder.annotationIntrospector(SealedFamilies.after(builder.annotationIntrospector()))
                .addModule(OwnTypes.module())
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
    }

    /** The settings that hold unless the user has others. */
    static JsonMapper.Builder settings() {
        return JsonMapper.builder()
                .enable(MapperFeature.INFER_RECORD_GETTERS_FROM_COMPONENTS_ONLY)
                .enable(SerializationFeature.FAIL_ON_EMPTY_BEANS) // records without components are none
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(EnumFeature.WRITE_ENUMS_USING_TO_STRING, EnumFeature.READ_ENUMS_USING_TO_STRING)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS, DateTimeFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(
                        DateTimeFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE,
                        DateTimeFeature.NORMALIZE_DESERIALIZED_ZONE_ID,
                        DateTimeFeature.WRITE_DATES_WITH_CONTEXT_TIME_ZONE)
                .enable(DateTimeFeature.WRITE_DATES_WITH_ZONE_ID)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                .enable(JsonNodeFeature.USE_BIG_DECIMAL_FOR_FLOATS) // an upcaster passes on what it does not know
                .addMixIn(BaseJob.class, BaseJobProperties.class)
                .addMixIn(BaseEvent.class, BaseEventProperties.class);
    }

    @Override
    public Encoded encode(@Nullable Object value, Type type) {
        Set<String> hashes = new LinkedHashSet<>();
        String json = write(value, type, hashes);
        long size = Utf8.sizeUpTo(json, largest);
        if (size <= largest) return new Encoded(Utf8.escapedWhereUnpaired(json), Set.copyOf(hashes));
        throw new IllegalArgumentException("a value of type "
                + (value == null ? type.getTypeName() : value.getClass().getName()) + " is " + size
                + " bytes as JSON, and " + largest + " is the limit. Store what is large as an attachment");
    }

    private String write(@Nullable Object value, Type type, Set<String> hashes) {
        try {
            return writers.computeIfAbsent(type, it -> mapper.writerFor(mapper.constructType(it)))
                    .withAttribute(OwnTypes.HASHES, hashes)
                    .writeValueAsString(value);
        } catch (RuntimeException | Error trouble) { // an accessor may throw anything
            throw JsonTrouble.unwritable(value, type, trouble);
        }
    }

    @Override
    public @Nullable Object decode(String json, Type type, String what) {
        try {
            return readers.computeIfAbsent(type, it -> mapper.readerFor(mapper.constructType(it)))
                    .readValue(json);
        } catch (RuntimeException | Error trouble) { // a constructor may throw anything
            throw JsonTrouble.unreadable(what, trouble);
        }
    }

    /** Reads an empty object: whatever else is wrong with that, a type that has no way to be made says so. */
    @Override
    public void check(Type type) {
        JavaType resolved = mapper.constructType(type);
        checkOne(resolved);
        for (Class<?> member : SealedFamilies.membersOf(resolved.getRawClass()))
            if (!SealedFamilies.isFamily(member)) checkOne(mapper.constructType(member));
    }

    private void checkOne(JavaType type) {
        try {
            mapper.readerFor(type).readValue("{}");
        } catch (InvalidDefinitionException undefined) {
            throw new IllegalArgumentException(
                    type.toCanonical() + " could be stored but not read again: " + undefined.getOriginalMessage());
        } catch (JacksonException nothingToReadHere) {
            // There is a way, and it wants more than nothing.
        }
    }

    @Override
    public String encodeError(Throwable error) {
        return ErrorJson.encode(error);
    }

    @Override
    public Throwable decodeError(String json) {
        return ErrorJson.decode(json);
    }

    @Override
    public String encodeOptions(JobOptions asked) {
        return OptionsJson.encode(asked);
    }

    @Override
    public JobOptions decodeOptions(String json) {
        return OptionsJson.decode(json);
    }

    @Override
    public String encodeProgress(JobProgress progress) {
        return ProgressJson.encode(progress, this);
    }

    @Override
    public JobProgress decodeProgress(String json) {
        return ProgressJson.decode(json, this);
    }

    /** A value as a tree, for a part of another document. */
    JsonNode tree(Object value) {
        return Objects.requireNonNull((JsonNode) decode(encode(value).json(), JsonNode.class, "a value just written"));
    }

    /** What Jackson is to see of a {@link BaseJob}. */
    private abstract static class BaseJobProperties {
        @JsonProperty
        abstract String id();

        @JsonProperty
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        abstract Map<String, Object> metadata();
    }

    /** What Jackson is to see of a {@link BaseEvent}. */
    private abstract static class BaseEventProperties {
        @JsonProperty
        abstract String correlationId();

        @JsonProperty
        abstract Instant timestamp();
    }
}
