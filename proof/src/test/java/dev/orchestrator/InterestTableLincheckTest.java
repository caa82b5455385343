package dev.orchestrator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** P12, P4: an emission finds everybody who had subscribed before it, in that order, and nobody who had left. */
class InterestTableLincheckTest {
    private interface Wide extends Event {}

    private record Narrow() implements Wide {}

    private static final List<Class<? extends Event>> TYPES = List.of(Wide.class, Narrow.class);
    private static final SignalBus BUS = SignalBus.scoped();
    private static final List<DirectListener> LISTENERS = List.of(listener(), listener(), listener());

    private static DirectListener listener() {
        return DirectListener.plain(BUS, Event.class, event -> {});
    }

    @Test
    void an_emission_finds_whoever_is_subscribed() {
        Checks.holdForLongOperations(Table.class, Specification.class);
    }

    @Test
    void a_table_that_remembers_without_its_lock_is_found_out() {
        Checks.findOut(RemembersLate.class, Specification.class);
    }

    /** The table itself; types and listeners are known by their numbers. */
    @Param(name = "type", gen = IntGen.class, conf = "0:1")
    @Param(name = "listener", gen = IntGen.class, conf = "0:2")
    public static class Table {
        private final InterestTable table = new InterestTable();

        @Operation
        public void add(@Param(name = "type") int type, @Param(name = "listener") int listener) {
            table.add(TYPES.get(type), LISTENERS.get(listener));
        }

        @Operation
        public void remove(@Param(name = "type") int type, @Param(name = "listener") int listener) {
            table.remove(TYPES.get(type), LISTENERS.get(listener));
        }

        @Operation
        public List<Integer> emitNarrow() {
            return Arrays.stream(table.of(Narrow.class).direct())
                    .map(LISTENERS::indexOf)
                    .toList();
        }

        @Operation
        public void clear() {
            table.clear();
        }
    }

    /** What it promises, for one thread. */
    public static class Specification {
        private record Interest(int type, int listener) {}

        private final List<Interest> interests = new ArrayList<>();

        public void add(int type, int listener) {
            interests.add(new Interest(type, listener));
        }

        public void remove(int type, int listener) {
            interests.removeIf(new Interest(type, listener)::equals);
        }

        public List<Integer> emitNarrow() {
            return interests.stream().map(Interest::listener).toList();
        }

        public void clear() {
            interests.clear();
        }
    }

    /** The twin: what was worked out is remembered after somebody may have subscribed. */
    @Param(name = "type", gen = IntGen.class, conf = "0:1")
    @Param(name = "listener", gen = IntGen.class, conf = "0:2")
    public static class RemembersLate {
        private record Interest(int type, int listener) {}

        private final CopyOnWriteArrayList<Interest> interests = new CopyOnWriteArrayList<>();
        private final ConcurrentHashMap<String, List<Integer>> known = new ConcurrentHashMap<>();

        @Operation
        public void add(@Param(name = "type") int type, @Param(name = "listener") int listener) {
            interests.add(new Interest(type, listener));
            known.clear();
        }

        @Operation
        public void remove(@Param(name = "type") int type, @Param(name = "listener") int listener) {
            interests.removeIf(new Interest(type, listener)::equals);
            known.clear();
        }

        @Operation
        public List<Integer> emitNarrow() {
            List<Integer> before = known.get("narrow");
            if (before != null) return before;
            List<Integer> who = interests.stream().map(Interest::listener).toList();
            known.put("narrow", who);
            return who;
        }

        @Operation
        public void clear() {
            interests.clear();
            known.clear();
        }
    }
}
