package dev.orchestrator.cache;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes bytes out of values that are kept on disk, and values out of bytes.
 *
 * <p>Called by many threads at the same time. A null value never comes here. What it throws makes a job go on as if nothing
 * had been kept; so a decoder that meets bytes of an older program, and cannot read them, throws.
 *
 * @param <R> the type of the values
 */
public interface Codec<R extends @Nullable Object> {
    /** Bytes for a value. */
    byte[] encode(R value) throws Exception;

    /** The value of what {@link #encode} made. */
    R decode(byte[] bytes) throws Exception;

    /** One half of a codec. */
    @FunctionalInterface
    interface Half<A extends @Nullable Object, B extends @Nullable Object> {
        /** Makes the one out of the other. */
        B apply(A from) throws Exception;
    }

    /** A codec of two functions, such as those of a JSON library. */
    static <R extends @Nullable Object> Codec<R> of(Half<? super R, byte[]> encode, Half<byte[], ? extends R> decode) {
        Objects.requireNonNull(encode, "encode");
        Objects.requireNonNull(decode, "decode");
        return new Codec<>() {
            @Override
            public byte[] encode(R value) throws Exception {
                return encode.apply(value);
            }

            @Override
            public R decode(byte[] bytes) throws Exception {
                return decode.apply(bytes);
            }
        };
    }

    /** Texts, as UTF-8. */
    static Codec<String> text() {
        return of(text -> text.getBytes(StandardCharsets.UTF_8), bytes -> new String(bytes, StandardCharsets.UTF_8));
    }
}
