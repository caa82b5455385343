package dev.orchestrator.benchmarks;

import com.google.common.eventbus.AsyncEventBus;
import com.google.common.eventbus.Subscribe;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.YieldingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;
import io.reactivex.rxjava3.core.Single;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The peers, each set up as its documentation recommends for speed; none of them knows ids, owners or endings. */
final class RoundTrips {
    private RoundTrips() {}

    /** The limit for those who begin a thread for each job. */
    static final class VirtualThread implements RoundTrip {
        private final Finish finish;

        VirtualThread(Finish finish) {
            this.finish = finish;
        }

        @Override
        public void submit(long number) {
            Thread.startVirtualThread(() -> finish.handled(RoundTrip.work(number), number + 1));
        }
    }

    /** The limit for those who handle results one at a time. */
    static final class VirtualThreadAndMailbox implements RoundTrip {
        private record Result(long number, long value) {}

        private final Finish finish;
        private final ConcurrentLinkedQueue<Result> mailbox = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean isDrained = new AtomicBoolean();

        VirtualThreadAndMailbox(Finish finish) {
            this.finish = finish;
        }

        @Override
        public void submit(long number) {
            Thread.startVirtualThread(() -> {
                mailbox.add(new Result(number, RoundTrip.work(number)));
                wake();
            });
        }

        private void wake() {
            if (!isDrained.get() && isDrained.compareAndSet(false, true)) Thread.startVirtualThread(this::drain);
        }

        private void drain() {
            for (Result next; (next = mailbox.poll()) != null; ) finish.handled(next.value(), next.number() + 1);
            isDrained.set(false);
            if (!mailbox.isEmpty()) wake();
        }
    }

    static final class Futures implements RoundTrip {
        private final Finish finish;
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

        Futures(Finish finish) {
            this.finish = finish;
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public void submit(long number) {
            CompletableFuture.supplyAsync(() -> RoundTrip.work(number), threads)
                    .thenAccept(result -> finish.handled(result, number + 1));
        }

        @Override
        public void close() {
            threads.close();
        }
    }

    static final class FixedPool implements RoundTrip {
        private final Finish finish;
        private final ExecutorService threads = Executors.newFixedThreadPool(2);

        FixedPool(Finish finish) {
            this.finish = finish;
        }

        @Override
        public void submit(long number) {
            threads.execute(() -> finish.handled(RoundTrip.work(number), number + 1));
        }

        @Override
        public void close() {
            threads.close();
        }
    }

    static final class GuavaAsync implements RoundTrip {
        private record Request(long number) {}

        private record Response(long number, long value) {}

        /** Found by its annotations. */
        public static final class Subscriber {
            private final AsyncEventBus bus;
            private final Finish finish;

            Subscriber(AsyncEventBus bus, Finish finish) {
                this.bus = bus;
                this.finish = finish;
            }

            @Subscribe
            public void on(Request request) {
                bus.post(new Response(request.number(), RoundTrip.work(request.number())));
            }

            @Subscribe
            public void on(Response response) {
                finish.handled(response.value(), response.number() + 1);
            }
        }

        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final AsyncEventBus bus = new AsyncEventBus(threads);

        GuavaAsync(Finish finish) {
            bus.register(new Subscriber(bus, finish));
        }

        @Override
        public void submit(long number) {
            bus.post(new Request(number));
        }

        @Override
        public void close() {
            threads.close();
        }
    }

    static final class VertxRequest implements RoundTrip {
        private final Finish finish;
        private final Vertx vertx = Vertx.vertx();

        VertxRequest(Finish finish) {
            this.finish = finish;
            vertx.eventBus().<Long>localConsumer("work", message -> message.reply(RoundTrip.work(message.body())));
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public void submit(long number) {
            vertx.eventBus().<Long>request("work", number).onSuccess(reply -> finish.handled(reply.body(), number + 1));
        }

        @Override
        public void close() throws Exception {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    static final class PekkoAsk implements RoundTrip {
        private record Request(long number, ActorRef<Long> replyTo) {}

        private static final Duration LIMIT = Duration.ofMinutes(1);

        private final Finish finish;
        private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "benchmark");
        private final ActorRef<Request> worker;

        PekkoAsk(Finish finish) {
            this.finish = finish;
            worker = system.systemActorOf(
                    Behaviors.<Request>receiveMessage(request -> {
                        request.replyTo().tell(RoundTrip.work(request.number()));
                        return Behaviors.same();
                    }),
                    "worker",
                    Props.empty());
        }

        @Override
        @SuppressWarnings("FutureReturnValueIgnored")
        public void submit(long number) {
            AskPattern.<Request, Long>ask(worker, replyTo -> new Request(number, replyTo), LIMIT, system.scheduler())
                    .thenAccept(result -> finish.handled(result, number + 1));
        }

        @Override
        public void close() throws Exception {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    static final class ReactorElastic implements RoundTrip {
        private final Finish finish;

        ReactorElastic(Finish finish) {
            this.finish = finish;
        }

        @Override
        public void submit(long number) {
            Mono.fromCallable(() -> RoundTrip.work(number))
                    .subscribeOn(Schedulers.boundedElastic())
                    .subscribe(result -> finish.handled(result, number + 1));
        }

        @Override
        public void close() {
            Schedulers.shutdownNow();
        }
    }

    static final class RxComputation implements RoundTrip {
        private final Finish finish;

        RxComputation(Finish finish) {
            this.finish = finish;
        }

        @Override
        @SuppressWarnings("CheckReturnValue")
        public void submit(long number) {
            Single.fromCallable(() -> RoundTrip.work(number))
                    .subscribeOn(io.reactivex.rxjava3.schedulers.Schedulers.computation())
                    .subscribe(result -> finish.handled(result, number + 1));
        }
    }

    /** Two rings, each with a thread of its own that yields when there is nothing. */
    static final class TwoDisruptors implements RoundTrip {
        private static final int SLOTS = 1 << 14;

        private static final class Slot {
            long number;
            long value;
        }

        private final Disruptor<Slot> requests = disruptor();
        private final Disruptor<Slot> responses = disruptor();
        private final RingBuffer<Slot> in;

        TwoDisruptors(Finish finish) {
            RingBuffer<Slot> out = responses.getRingBuffer();
            requests.handleEventsWith((slot, sequence, endOfBatch) -> {
                long next = out.next();
                Slot response = out.get(next);
                response.number = slot.number;
                response.value = RoundTrip.work(slot.number);
                out.publish(next);
            });
            responses.handleEventsWith((slot, sequence, endOfBatch) -> finish.handled(slot.value, slot.number + 1));
            responses.start();
            in = requests.start();
        }

        private static Disruptor<Slot> disruptor() {
            return new Disruptor<>(
                    Slot::new, SLOTS, DaemonThreadFactory.INSTANCE, ProducerType.SINGLE, new YieldingWaitStrategy());
        }

        @Override
        public void submit(long number) {
            long next = in.next();
            in.get(next).number = number;
            in.publish(next);
        }

        @Override
        public void close() {
            requests.shutdown();
            responses.shutdown();
        }
    }
}
