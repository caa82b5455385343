package dev.orchestrator;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.CopyOnWriteArrayList;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** P12: the table of interests is read without a lock, and whoever emits after a subscription finds it. */
public final class InterestStress {
    private InterestStress() {}

    private record Said() implements Event {}

    /** P5: an event meets the closing of its bus: it is delivered, or refused. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "delivered, or refused")
    @Outcome(expect = FORBIDDEN, desc = "taken and lost, or refused and delivered")
    @State
    public static class EmitAgainstClose {
        private final SignalBus bus = new StressWorld().bus;
        private int heard;

        public EmitAgainstClose() {
            bus.subscribe(Said.class, said -> heard++);
        }

        @Actor
        public void emitting(II_Result result) {
            try {
                bus.emit(new Said());
                result.r1 = 1;
            } catch (IllegalStateException closed) {
                result.r1 = 0;
            }
            result.r2 = heard;
        }

        @Actor
        public void closing() {
            bus.close();
        }
    }

    /** The same with somebody who asks whether it is closed, and then who is there. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "delivered, or refused")
    @Outcome(expect = FORBIDDEN, desc = "taken and lost")
    @State
    public static class EmitAgainstCloseTwin {
        private volatile boolean closed;
        private volatile boolean isSomebodyThere = true;

        @Actor
        public void emitting(II_Result result) {
            if (closed) return;
            StressWorld.pause();
            result.r1 = 1;
            result.r2 = isSomebodyThere ? 1 : 0;
        }

        @Actor
        public void closing() {
            closed = true;
            isSomebodyThere = false;
        }
    }

    /** A subscription while an emission works out who is interested. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "1, 2"},
            expect = ACCEPTABLE,
            desc = "the later event comes, the one meanwhile may come")
    @Outcome(expect = FORBIDDEN, desc = "an event after the subscription was lost")
    @State
    public static class SubscribeAgainstEmit {
        private final SignalBus bus = new StressWorld().bus;
        private int heard; // by the emitting actor, and then by the arbiter

        @Actor
        public void subscribing() {
            bus.subscribe(Said.class, said -> heard++);
        }

        @Actor
        public void emitting() {
            bus.emit(new Said());
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = heard;
            bus.emit(new Said());
            result.r2 = heard;
        }
    }

    /** The same with a cache that is written without looking whether it is still true. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "the cache is true")
    @Outcome(expect = FORBIDDEN, desc = "the cache is stale for ever")
    @State
    public static class SubscribeAgainstEmitTwin {
        private final CopyOnWriteArrayList<Integer> listeners = new CopyOnWriteArrayList<>();
        private volatile Object[] cache;

        @Actor
        public void subscribing() {
            listeners.add(1);
            cache = null;
        }

        @Actor
        public void emitting() {
            Object[] workedOut = listeners.toArray();
            StressWorld.pause();
            cache = workedOut;
        }

        @Arbiter
        public void look(I_Result result) {
            if (cache == null) cache = listeners.toArray();
            result.r1 = cache.length;
        }
    }

    /** A subscription closes while somebody emits: the event comes or not, the next one does not. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = ACCEPTABLE,
            desc = "nothing after the closing")
    @Outcome(expect = FORBIDDEN, desc = "an event after the closing")
    @State
    public static class UnsubscribeAgainstEmit {
        private final SignalBus bus = new StressWorld().bus;
        private final Subscription subscription;
        private int heard;

        public UnsubscribeAgainstEmit() {
            subscription = bus.subscribe(Said.class, said -> heard++);
        }

        @Actor
        public void closing() {
            subscription.close();
        }

        @Actor
        public void emitting() {
            bus.emit(new Said());
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = heard;
            bus.emit(new Said());
            result.r2 = heard;
        }
    }

    /** The same with a cache that is written without looking whether it is still true. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "1, 1"},
            expect = ACCEPTABLE,
            desc = "nothing after the closing")
    @Outcome(expect = FORBIDDEN, desc = "an event after the closing")
    @State
    public static class UnsubscribeAgainstEmitTwin {
        private final CopyOnWriteArrayList<Integer> listeners = new CopyOnWriteArrayList<>(new Integer[] {1});
        private volatile Object[] cache;
        private int heard;

        @Actor
        public void closing() {
            listeners.clear();
            cache = null;
        }

        @Actor
        public void emitting() {
            Object[] workedOut = listeners.toArray();
            StressWorld.pause();
            cache = workedOut;
            heard += workedOut.length;
        }

        @Arbiter
        public void look(II_Result result) {
            result.r1 = heard;
            heard += cache == null ? listeners.size() : cache.length;
            result.r2 = heard;
        }
    }
}
