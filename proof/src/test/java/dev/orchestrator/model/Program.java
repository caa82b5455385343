package dev.orchestrator.model;

import dev.orchestrator.model.JobSpec.Ends;
import dev.orchestrator.model.JobSpec.SameKey;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A list of steps: made at random, made smaller, and printed as the code that makes it. */
record Program(List<Step> steps) {
    Program {
        steps = List.copyOf(steps);
    }

    static Program of(Step... steps) {
        return new Program(List.of(steps));
    }

    // ---- made at random ----

    static Program random(long seed) {
        var random = new SplittableRandom(seed);
        var steps = new ArrayList<Step>();
        steps.add(new Step.Open(0, false));
        int length = random.nextInt(5, 45);
        while (steps.size() < length) steps.add(step(random));
        // Few, since what comes after it is refused, and late, since it should have something to close.
        if (random.nextInt(4) == 0) steps.add(random.nextInt(length / 2, length), new Step.CloseDispatcher());
        if (random.nextInt(4) == 0) steps.add(random.nextInt(length / 2, length), new Step.CloseBus());
        return new Program(steps);
    }

    private static Step step(SplittableRandom random) {
        int any = random.nextInt(1000);
        return switch (random.nextInt(27)) {
            case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> new Step.Dispatch(any, spec(random));
            case 9 -> new Step.DispatchSameId(any);
            case 10 -> new Step.DispatchUnknown(any);
            case 11, 12 -> new Step.Cancel(any);
            case 13 -> new Step.CancelAll(any);
            case 14, 15 -> new Step.Emit(any);
            case 16 -> new Step.Update(any);
            case 17 -> new Step.Open(any, random.nextInt(3) == 0);
            case 18 -> new Step.Close(any, random.nextBoolean());
            case 19 -> new Step.SubscribeThrower(any);
            case 20, 21 -> new Step.Run();
            case 22 -> new Step.CancelToken(1 + any % JobSpec.TOKENS);
            case 23 -> new Step.DispatchLatest(any, spec(random).withoutRules(), any % 2);
            case 24 -> new Step.DispatchIfIdle(any, spec(random).withoutRules(), any % 2);
            default -> new Step.Advance(random.nextInt(1, 60));
        };
    }

    private static JobSpec spec(SplittableRandom random) {
        Ends[] ends = {
            Ends.RETURNS,
            Ends.RETURNS,
            Ends.RETURNS,
            Ends.RETURNS,
            Ends.THROWS,
            Ends.THROWS_ERROR,
            Ends.HANGS,
            Ends.HANGS,
            Ends.DEAF
        };
        Ends end = ends[random.nextInt(ends.length)];
        SameKey[] rules = SameKey.values();
        SameKey rule = random.nextInt(3) == 0 ? rules[random.nextInt(rules.length)] : SameKey.NONE;
        return new JobSpec(
                end,
                Math.max(0, random.nextInt(6) - 3),
                1 + Math.max(0, random.nextInt(5) - 2),
                random.nextBoolean(),
                random.nextInt(3) == 0,
                random.nextInt(3) == 0 ? random.nextInt(1, 80) : 0,
                random.nextInt(4) == 0 ? random.nextInt(1, 40) : 0,
                rule,
                random.nextInt(2),
                random.nextInt(3) == 0 ? 1 + random.nextInt(JobSpec.LIMITS.size()) : 0,
                random.nextInt(5) == 0 ? 1 + random.nextInt(JobSpec.TOKENS) : 0);
    }

    // ---- made smaller ----

    /** The smallest program that is found to fail still: without steps that are not needed, with plainer jobs. */
    Program shrunk(Predicate<Program> fails, int runs) {
        Program best = this;
        int left = runs;
        for (boolean smaller = true; smaller && left > 0; ) {
            smaller = false;
            for (Program candidate : best.candidates()) {
                if (left-- <= 0) break;
                if (!fails.test(candidate)) continue;
                best = candidate;
                smaller = true;
                break;
            }
        }
        return best;
    }

    private List<Program> candidates() {
        var all = new ArrayList<Program>();
        for (int length = steps.size() / 2; length > 0; length /= 2) {
            for (int from = 0; from + length <= steps.size(); from += length) {
                var fewer = new ArrayList<>(steps);
                fewer.subList(from, from + length).clear();
                all.add(new Program(fewer));
            }
        }
        for (int at = 0; at < steps.size(); at++) {
            if (!(steps.get(at) instanceof Step.Dispatch(int owner, JobSpec spec))) continue;
            for (JobSpec plainer : plainer(spec)) {
                var same = new ArrayList<>(steps);
                same.set(at, new Step.Dispatch(owner, plainer));
                all.add(new Program(same));
            }
        }
        return all;
    }

    /** With one component after the other as in the plainest job. */
    private static List<JobSpec> plainer(JobSpec spec) {
        var components = JobSpec.class.getRecordComponents();
        var all = new ArrayList<JobSpec>();
        all.add(JobSpec.PLAIN);
        for (int plain = 0; plain < components.length; plain++) {
            var values = new Object[components.length];
            for (int i = 0; i < values.length; i++) values[i] = read(components[i], i == plain ? JobSpec.PLAIN : spec);
            all.add(made(values));
        }
        all.removeIf(each -> each.equals(spec));
        return all;
    }

    private static JobSpec made(Object[] values) {
        try {
            return (JobSpec) JobSpec.class.getDeclaredConstructors()[0].newInstance(values);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }

    // ---- printed ----

    /** The code that makes it, to be kept as a test. */
    String code() {
        return steps.stream()
                .map(Program::code)
                .collect(Collectors.joining(",\n        ", "Program.of(\n        ", ")"));
    }

    private static String code(Object value) {
        return switch (value) {
            case Enum<?> constant -> constant.getDeclaringClass().getSimpleName() + "." + constant.name();
            case Record made -> {
                Class<?> type = made.getClass();
                String name = type.getEnclosingClass() == null
                        ? type.getSimpleName()
                        : type.getEnclosingClass().getSimpleName() + "." + type.getSimpleName();
                yield Arrays.stream(type.getRecordComponents())
                        .map(component -> code(read(component, made)))
                        .collect(Collectors.joining(", ", "new " + name + "(", ")"));
            }
            default -> value.toString();
        };
    }

    private static Object read(RecordComponent component, Object made) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(made);
        } catch (ReflectiveOperationException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
