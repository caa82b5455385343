package dev.orchestrator;

import dev.orchestrator.spi.Probe;
import dev.orchestrator.testkit.TestWorld;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Each effect is taken by one taker and once, in order, or dropped as the rule says; it is kept while nobody asks for it;
 * after the closing what is kept is given, then the completion, and nothing more (P6, P11, for effects).
 *
 * <p>Random programs on threads that take turns, against a queue that knows no threads. Intents, tasks, and handlers of
 * events and jobs make effects; takers of several types come, ask, cancel, misuse their subscription, throw, and make
 * effects and takers themselves; states are undone, which gives and takes no effect.
 */
class EffectModelTest {
    private sealed interface Effect {
        int number();
    }

    private record Show(int number) implements Effect {}

    private record Sound(int number) implements Effect {}

    private record Happened(int number) implements Event {}

    private record Work(int number) implements Job<Integer> {}

    private static final List<Class<?>> TYPES = List.of(Object.class, Effect.class, Show.class, Sound.class);

    private enum From {
        INTENT,
        TASK,
        EVENT,
        JOB
    }

    /** What a taker does with an effect. */
    private enum Reaction {
        NONE,
        ASKS_FOR_ONE,
        CANCELS,
        MAKES_ANOTHER,
        BRINGS_ANOTHER,
        THROWS,
        MISUSES
    }

    private sealed interface Step {
        record Make(From from, int number) implements Step {}

        record Subscribe(int type, boolean isHandler, long demand, Reaction reaction) implements Step {}

        record Request(int which, long more) implements Step {}

        record Cancel(int which) implements Step {}

        record Undo() implements Step {}

        record Run() implements Step {}

        record Close() implements Step {}
    }

    private static List<Step> program(RandomGenerator random) {
        var steps = new ArrayList<Step>();
        int length = random.nextInt(5, 50);
        while (steps.size() < length) {
            steps.add(
                    switch (random.nextInt(14)) {
                        case 0, 1, 2 ->
                            new Step.Subscribe(
                                    random.nextInt(TYPES.size()),
                                    random.nextInt(4) == 0,
                                    random.nextInt(5) == 0 ? Long.MAX_VALUE : random.nextInt(4),
                                    Reaction.values()[
                                            random.nextBoolean() ? 0 : random.nextInt(Reaction.values().length)]);
                        case 3, 4 ->
                            new Step.Request(random.nextInt(100), random.nextInt(10) == 0 ? 0 : random.nextInt(1, 4));
                        case 5 -> new Step.Cancel(random.nextInt(100));
                        case 6 -> new Step.Run();
                        case 7 -> new Step.Undo();
                        default -> new Step.Make(From.values()[random.nextInt(From.values().length)], steps.size());
                    });
        }
        if (random.nextInt(3) == 0) steps.add(random.nextInt(length / 2, length), new Step.Close());
        return steps;
    }

    @Test
    void in_order_of_arrival() {
        RandomPrograms.check(300, EffectModelTest::program, (steps, seed) -> run(steps, 0, seed));
    }

    @Test
    void in_random_orders() {
        RandomPrograms.check(600, EffectModelTest::program, (steps, seed) -> run(steps, seed, seed));
    }

    private static List<String> run(List<Step> steps, long order, long seed) {
        OverflowRule rule = switch ((int) (seed % 5)) {
            case 0 -> OverflowRule.dropOldest(2);
            case 1 -> OverflowRule.fail(2);
            case 2 -> OverflowRule.keepLatest();
            default -> EffectQueue.DEFAULT_RULE;
        };
        try (var world = TestWorld.seeded(order)) {
            var execution = new Execution(world, rule);
            for (Step step : steps) execution.take(step);
            execution.end();
            return execution.broken;
        }
    }

    private static final class Desk extends BaseOrchestrator<Integer> {
        private final Execution execution;

        Desk(TestWorld world, SignalBus bus, Execution execution, OverflowRule rule) {
            super(-1, Dispatcher.create(bus), bus);
            this.execution = execution;
            keepHistory(100);
            if (!rule.equals(EffectQueue.DEFAULT_RULE)) keepEffects(rule);
            on(Work.class).success((job, number) -> make(number));
            observe(Happened.class, event -> make(event.number()));
        }

        void make(int number) {
            execution.making(number);
        }

        void set(int number) {
            emit(number);
        }

        void give(Effect effect) {
            effect(effect);
        }

        void makeOnLane(int number) {
            onLane(() -> make(number));
        }

        void work(int number) {
            dispatch(new Work(number));
        }

        boolean back() {
            return undo();
        }
    }

    private static final class Execution {
        final List<String> broken = new ArrayList<>();
        private final TestWorld world;
        private final Desk desk;
        private final OverflowRule rule;
        private final SignalBus bus;
        private final List<Taker> takers = new ArrayList<>(); // who came last comes last

        // The model.
        private final List<Effect> kept = new ArrayList<>();
        private boolean isDropTold;
        private int dropsToTell;
        private int dropsTold;
        private boolean closing;
        private boolean closed;
        private int lastNumber = 1_000;

        // The states that were set, in order, and the last one that was given.
        private final List<Integer> states = new ArrayList<>();
        private int given;

        Execution(TestWorld world, OverflowRule rule) {
            this.world = world;
            this.rule = rule;
            this.bus = world.newBus((error, handler, event) -> note(error), new Probe() {});
            this.desk = new Desk(world, bus, this, rule);
            desk.dispatcher().register(Work.class, (job, context) -> job.number());
            desk.start();
            desk.onState(state -> given = state);
        }

        private void note(Throwable error) {
            if (String.valueOf(error.getMessage()).contains("the oldest is dropped")) dropsTold++;
            else if (!"on purpose".equals(error.getMessage())) broken.add("an error was told: " + error);
        }

        // ---- making ----

        void making(int number) {
            if (closing) return; // in the middle of a closing it may count or not
            Effect effect = number % 2 == 0 ? new Show(number) : new Sound(number);
            if (!closed) states.add(number);
            desk.set(number);
            boolean fails = false;
            if (closing) return; // somebody went first
            if (!closed) {
                boolean isFull = kept.size() >= rule.capacity();
                fails = isFull && rule.fails();
                if (isFull && !fails) {
                    kept.removeFirst();
                    if (!isDropTold) dropsToTell++;
                    isDropTold = true;
                }
                if (!fails) kept.add(effect);
            }
            try {
                desk.give(effect);
                if (fails) broken.add(effect + " was taken in although there was no room");
            } catch (IllegalStateException full) {
                if (!fails) broken.add(effect + " was refused: " + full.getMessage());
            }
        }

        // ---- taking ----

        private final class Taker implements Flow.Subscriber<Object> {
            final Class<?> type;
            final Reaction reaction;
            final long first;
            Flow.@Nullable Subscription subscription;

            @Nullable
            Subscription handle; // of a handler

            long demand;
            boolean isSure; // that the next look at the takers finds this one
            boolean misused;
            boolean cancelled;
            boolean over;

            Taker(Class<?> type, Reaction reaction, long first) {
                this.type = type;
                this.reaction = reaction;
                this.first = first;
            }

            boolean asksFor(Effect effect) {
                return isOpen() && demand > 0 && type.isInstance(effect);
            }

            boolean isOpen() {
                return !cancelled && !over;
            }

            void request(long more) {
                if (subscription == null) return;
                if (more == 0) misused = true;
                else demand = demand + more < 0 ? Long.MAX_VALUE : demand + more;
                subscription.request(more);
            }

            void cancel() {
                if (handle == null && subscription == null) return; // within its first call it cannot yet
                cancelled = true;
                if (handle != null) handle.close();
                else if (subscription != null) subscription.cancel();
            }

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                takers.add(this);
                if (first > 0) request(first);
            }

            @Override
            public void onNext(Object item) {
                taken(this, (Effect) item);
                react((Effect) item);
            }

            private void react(Effect effect) {
                switch (reaction) {
                    case NONE -> {}
                    case ASKS_FOR_ONE -> request(1);
                    case CANCELS -> cancel();
                    case MAKES_ANOTHER -> {
                        if (effect.number() < 1_000) making(++lastNumber);
                    }
                    case BRINGS_ANOTHER -> {
                        if (takers.size() < 100) subscribe(new Taker(type, Reaction.NONE, 1));
                    }
                    case THROWS -> throw new IllegalStateException("on purpose");
                    case MISUSES -> request(0);
                }
            }

            @Override
            public void onError(Throwable error) {
                if (!isOpen() || !misused) broken.add("an error for no reason: " + error);
                over = true;
            }

            @Override
            public void onComplete() {
                if (!isOpen()) broken.add("completed twice, or after its cancellation");
                if (!closing && !closed) broken.add("completed before the closing");
                if (kept.stream().anyMatch(type::isInstance)) broken.add("completed before all was given");
                over = true;
            }
        }

        private void subscribe(Taker taker) {
            desk.effects(taker.type).subscribe(taker);
        }

        private void taken(Taker taker, Effect effect) {
            if (!taker.isOpen()) broken.add(effect + " for one that is over");
            if (taker.demand == 0) broken.add(effect + " for one that did not ask");
            int place = kept.indexOf(effect);
            if (place < 0) {
                broken.add(effect + " was taken twice, or dropped before");
            } else {
                for (Effect before : kept.subList(0, place)) {
                    if (takers.stream().anyMatch(each -> each.isSure && !each.misused && each.asksFor(before)))
                        broken.add(effect + " overtook " + before);
                }
                for (Taker later : takers.subList(takers.indexOf(taker) + 1, takers.size())) {
                    if (later.isSure && !later.misused && later.asksFor(effect))
                        broken.add(effect + " was for a later one");
                }
                kept.remove(place);
                isDropTold = false;
            }
            if (taker.demand != Long.MAX_VALUE) taker.demand--;
            List<Integer> sinceThen = states.subList(Math.max(0, states.indexOf(effect.number())), states.size());
            if (!sinceThen.contains(given)) broken.add(effect + " came before its state");
        }

        // ---- the steps ----

        void take(Step step) {
            takers.forEach(each -> each.isSure = true);
            switch (step) {
                case Step.Make(From from, int number) -> make(from, number);
                case Step.Subscribe(int type, boolean isHandler, long demand, Reaction reaction) -> {
                    if (isHandler) handle(TYPES.get(type), reaction);
                    else subscribe(new Taker(TYPES.get(type), reaction, demand));
                }
                case Step.Request(int which, long more) -> {
                    if (!takers.isEmpty()) takers.get(which % takers.size()).request(more);
                }
                case Step.Cancel(int which) -> {
                    if (!takers.isEmpty()) takers.get(which % takers.size()).cancel();
                }
                case Step.Undo() -> undo();
                case Step.Run() -> lookWhileIdle();
                case Step.Close() -> close();
            }
            world.interleave();
        }

        private <E> void handle(Class<E> type, Reaction reaction) {
            var taker = new Taker(type, reaction == Reaction.MISUSES ? Reaction.NONE : reaction, 0);
            taker.demand = Long.MAX_VALUE;
            takers.add(taker);
            taker.handle = desk.onEffect(type, taker::onNext);
        }

        private void make(From from, int number) {
            switch (from) {
                case INTENT -> desk.make(number);
                case TASK -> desk.makeOnLane(number);
                case EVENT -> bus.emit(new Happened(number));
                case JOB -> {
                    if (!closed) desk.work(number);
                }
            }
        }

        /** What it goes back to counts as one more state that was set; which one it is, nobody else can have changed. */
        private void undo() {
            var history = desk.history();
            if (history.size() > 1 && !closed)
                states.add(history.get(history.size() - 2).state());
            desk.back();
        }

        private void close() {
            if (closed) return;
            closing = true;
            desk.close();
            closing = false;
            closed = true;
        }

        private void lookWhileIdle() {
            world.runUntilIdle();
            for (Effect effect : kept) {
                if (takers.stream().anyMatch(each -> each.asksFor(effect)))
                    broken.add(effect + " is kept from those who ask");
            }
            for (Taker taker : takers) {
                if (taker.misused && taker.isOpen()) broken.add("nobody told a taker that it misused its subscription");
                boolean nothingIsLeft = closed && kept.stream().noneMatch(taker.type::isInstance);
                if (nothingIsLeft && taker.isOpen() && taker.handle == null)
                    broken.add("a taker was not told that it is over");
            }
            if (dropsTold != dropsToTell)
                broken.add(dropsTold + " times told that some were dropped, not " + dropsToTell);
        }

        void end() {
            lookWhileIdle();
            close();
            making(++lastNumber);
            lookWhileIdle();
            var last = new Taker(Object.class, Reaction.NONE, Long.MAX_VALUE);
            subscribe(last);
            lookWhileIdle();
            if (!kept.isEmpty()) broken.add(kept + " are lost");
            if (!last.over) broken.add("the last taker was not told that it is over");
        }
    }
}
