package dev.orchestrator;

import dev.orchestrator.spi.Time;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes ids that sort by time and never meet: a stamp of milliseconds and a counter, then who made it.
 *
 * <p>The stamp only grows, whatever the clock does, so two ids of one source differ in it and every thread's ids sort
 * in the order in which it made them; 80 random bits tell sources (processes, restarts, machines) apart. The idea is
 * that of ULID, with the counter inside the stamp, as in a hybrid logical clock.
 */
final class Ids {
    /** In ascending order of the characters, so that strings sort as the numbers do (Crockford's base 32). */
    private static final byte[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".getBytes(StandardCharsets.US_ASCII);

    private static final int STAMP_DIGITS = 13;
    private static final int SOURCE_DIGITS = 16;
    static final int COUNTER_BITS = 20;
    private static final long COUNTER = (1L << COUNTER_BITS) - 1;
    private static final int PLACE_DIGITS = 6;

    /** The digits' values by character. */
    private static final byte[] VALUES = new byte[0x80];

    static {
        for (byte value = 0; value < DIGITS.length; value++) VALUES[DIGITS[value]] = value;
    }

    /** The source of everything that runs on the system's time. */
    static final Ids SYSTEM = new Ids(Time.system(), new SecureRandom().nextLong(), new SecureRandom().nextLong());

    private final Time time;
    private final byte[] source;

    // The last stamp handed out. Written by compareAndSet only: whoever succeeds has that stamp for itself.
    private final AtomicLong last = new AtomicLong();

    private Ids(Time time, long high, long low) {
        this.time = time;
        this.source = new byte[SOURCE_DIGITS];
        encode(high, source, 0, SOURCE_DIGITS / 2);
        encode(low, source, SOURCE_DIGITS / 2, SOURCE_DIGITS / 2);
    }

    static Ids on(Time time) {
        return time.equals(Time.system()) ? SYSTEM : new Ids(time, time.random(), time.random());
    }

    String next(String prefix) {
        int length = prefix.length();
        byte[] text = new byte[length + 1 + STAMP_DIGITS + SOURCE_DIGITS];
        for (int i = 0; i < length; i++) {
            char letter = prefix.charAt(i);
            if (letter > 0x7f) return prefix.concat(next("")); // rare: names of types are mostly plain
            text[i] = (byte) letter;
        }
        text[length] = '-';
        encode(nextStamp(), text, length + 1, STAMP_DIGITS);
        System.arraycopy(source, 0, text, length + 1 + STAMP_DIGITS, SOURCE_DIGITS);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private long nextStamp() {
        long now = time.millis() << COUNTER_BITS;
        while (true) {
            long before = last.get();
            long next = before + 1;
            // The counter goes on from one millisecond to the next: so consecutive ids have consecutive places.
            long stamp = next >= now ? next : now | (next & COUNTER);
            if (last.compareAndSet(before, stamp)) return stamp;
        }
    }

    /**
     * The last bits of the stamp in an id; consecutive ids have consecutive ones. Of a text that is no id of ours, some
     * number.
     */
    static int placeOf(String id) {
        int end = id.length() - SOURCE_DIGITS;
        int place = 0;
        for (int i = Math.max(0, end - PLACE_DIGITS); i < end; i++) place = (place << 5) | VALUES[id.charAt(i) & 0x7f];
        return place;
    }

    private static void encode(long value, byte[] into, int from, int digits) {
        for (int i = from + digits - 1; i >= from; i--) {
            into[i] = DIGITS[(int) (value & 31)];
            value >>>= 5;
        }
    }

    static String checked(String id, String what) {
        if (id == null) throw new NullPointerException(what + " must not be null");
        if (id.isBlank()) throw new IllegalArgumentException(what + " must not be blank, was \"" + id + "\"");
        return id;
    }

    /** The simple name where there is one, else the binary one (anonymous classes have none). */
    static String nameOf(Class<?> type) {
        String simple = type.getSimpleName();
        return simple.isEmpty() ? type.getName() : simple;
    }
}
