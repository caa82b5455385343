package dev.orchestrator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How many links led to an event or a run, each soon after the one before; {@link LoopGuard} makes it.
 *
 * <p>Near a limit it also knows the names of the last few links. It never knows the chain before it and never a class, so
 * a chain without end keeps nothing alive (P10). What has no chain was set in motion outside of handlers.
 */
final class Chain {
    /** How many names are known near a limit; a circle of up to 22 is recognized by them. */
    static final int NAMES = 32;

    static final String[] NO_NAMES = {};

    /** What the first link follows. */
    static final Chain START = new Chain(0, 0, NO_NAMES, false);

    final int depth;

    /** When the last link was made, by the clock of the bus on which it was made. */
    final long nanos;

    /** Whether the circle that it is in was warned of. */
    final boolean warned;

    private final String[] names; // never changed

    Chain(int depth, long nanos, String[] names, boolean warned) {
        this.depth = depth;
        this.nanos = nanos;
        this.names = names;
        this.warned = warned;
    }

    /** The last names of this chain and one more. */
    String[] namesAnd(String next) {
        int kept = Math.min(names.length, NAMES - 1);
        String[] more = Arrays.copyOfRange(names, names.length - kept, names.length + 1);
        more[kept] = next;
        return more;
    }

    /** The circle that such names show, for people; the same circle has the same text wherever it was entered. */
    static String circle(String[] names) {
        int length = lengthOfCircle(names);
        if (length == 0) return new TreeSet<>(List.of(names)) + " in changing order";
        var once = List.of(names).subList(names.length - length, names.length);
        return IntStream.range(0, length)
                .mapToObj(turns -> turned(once, turns))
                .min(Comparator.naturalOrder())
                .orElse("[]");
    }

    /** The shortest period, confirmed by a third of the names at least; 0 if there is none. */
    private static int lengthOfCircle(String[] names) {
        int longest = names.length - names.length / 3;
        for (int length = 1; length <= longest; length++) if (repeats(names, length)) return length;
        return 0;
    }

    private static boolean repeats(String[] names, int length) {
        for (int i = length; i < names.length; i++) if (!names[i].equals(names[i - length])) return false;
        return true;
    }

    private static String turned(List<String> circle, int turns) {
        var turned = new ArrayList<>(circle);
        Collections.rotate(turned, turns);
        return "[" + String.join(" -> ", turned) + "]";
    }
}
