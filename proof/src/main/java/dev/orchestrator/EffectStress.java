package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P6, for effects: each is taken once and in order, whoever comes, asks or leaves at that moment, and after its state. */
public final class EffectStress {
    private EffectStress() {}

    /** Its lane is whichever thread wakes it. */
    private static final class Desk extends BaseOrchestrator<Integer> {
        Desk(StressWorld world) {
            super(0, world.dispatcher, world.bus, Runnable::run);
            start();
        }

        void make(int number) {
            effect(number);
        }

        void setAndMake(int number) {
            emit(number);
            effect(number);
        }
    }

    /** Notes what it gets as the digits of a number. */
    private static final class Taker implements Flow.Subscriber<Object> {
        private final long atOnce;
        Flow.@Nullable Subscription subscription;
        int taken; // the lane only, and the arbiter

        Taker(long atOnce) {
            this.atOnce = atOnce;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            if (atOnce > 0) given.request(atOnce);
        }

        @Override
        public void onNext(Object effect) {
            taken = 10 * taken + (Integer) effect;
        }

        @Override
        public void onError(Throwable error) {
            taken = -1;
        }

        @Override
        public void onComplete() {}
    }

    /** Two are made, while somebody comes who takes them. */
    @JCStressTest
    @Outcome(id = "12", expect = ACCEPTABLE, desc = "both, in order")
    @Outcome(expect = FORBIDDEN, desc = "lost, repeated or overtaken")
    @State
    public static class MakeAgainstSubscribe {
        private final Desk desk = new Desk(new StressWorld());
        private final Taker taker = new Taker(5);

        @Actor
        public void making() {
            desk.make(1);
            desk.make(2);
        }

        @Actor
        public void taking() {
            desk.effects().subscribe(taker);
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = taker.taken;
        }
    }

    /** The same with a taker that takes what is kept and then says that it is there. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "taken")
    @Outcome(expect = FORBIDDEN, desc = "lost")
    @State
    public static class MakeAgainstSubscribeTwin {
        private final ConcurrentLinkedQueue<Integer> kept = new ConcurrentLinkedQueue<>();
        private final CopyOnWriteArrayList<ConcurrentLinkedQueue<Integer>> takers = new CopyOnWriteArrayList<>();
        private final ConcurrentLinkedQueue<Integer> taken = new ConcurrentLinkedQueue<>();

        @Actor
        public void making() {
            if (takers.isEmpty()) kept.add(1);
            else takers.forEach(taker -> taker.add(1));
        }

        @Actor
        public void taking() {
            taken.addAll(kept);
            StressWorld.pause();
            takers.add(taken);
        }

        @Arbiter
        public void look(I_Result result) {
            result.r1 = taken.size();
        }
    }

    /** One is made while the later of two takers leaves: one of the two has it. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "one has it")
    @Outcome(expect = FORBIDDEN, desc = "lost, or taken twice")
    @State
    public static class MakeAgainstCancel {
        private final Desk desk = new Desk(new StressWorld());
        private final Taker stays = new Taker(5);
        private final Taker leaves = new Taker(5);

        public MakeAgainstCancel() {
            desk.effects().subscribe(stays);
            desk.effects().subscribe(leaves);
        }

        @Actor
        public void making() {
            desk.make(1);
        }

        @Actor
        @SuppressWarnings("NullAway") // it has been subscribed
        public void leaving() {
            leaves.subscription.cancel();
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = stays.taken;
            result.r2 = leaves.taken;
        }
    }

    /** A state and an effect are made while the lane is at work for somebody else: the effect finds its state shown. */
    @JCStressTest
    @Outcome(id = "1, 1, 5", expect = ACCEPTABLE, desc = "the state came first")
    @Outcome(expect = FORBIDDEN, desc = "the effect came before its state, or something is missing")
    @State
    public static class StateAndEffect {
        private final Desk desk = new Desk(new StressWorld());
        private int shown;
        private int shownAtEffect = -1;
        private int other;

        public StateAndEffect() {
            desk.onState(state -> shown = state);
            desk.onEffect(Integer.class, number -> {
                if (number == 1) shownAtEffect = shown;
                else other = number;
            });
        }

        @Actor
        public void intent() {
            desk.setAndMake(1);
        }

        @Actor
        public void somebodyElse() {
            desk.make(5);
        }

        @Arbiter
        public void look(III_Result result) {
            result.r1 = shown;
            result.r2 = shownAtEffect;
            result.r3 = other;
        }
    }
}
