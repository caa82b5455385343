package dev.orchestrator.benchmarks;

import com.google.common.eventbus.EventBus;
import dev.orchestrator.SignalBus;
import io.reactivex.rxjava3.subjects.PublishSubject;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import net.engio.mbassy.bus.SyncMessageBus;
import net.engio.mbassy.listener.Handler;
import net.engio.mbassy.listener.Listener;
import net.engio.mbassy.listener.References;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.GenericApplicationContext;
import reactor.core.publisher.Sinks;

/** Us and the peers, each set up as its documentation recommends for speed. */
final class Emitters {
    private Emitters() {}

    /** The limit: nothing but the calls. */
    static final class PlainLoop implements Emitter {
        @SuppressWarnings("unchecked")
        private Consumer<Happened>[] handlers = new Consumer[0];

        @Override
        @SuppressWarnings("unchecked")
        public void subscribe(List<Counter> subscribers) {
            handlers = subscribers.stream()
                    .map(counter -> (Consumer<Happened>) counter::on)
                    .toArray(Consumer[]::new);
        }

        @Override
        public void emit(Happened event) {
            for (var handler : handlers) handler.accept(event);
        }
    }

    /** The limit with subscribers that may come and go meanwhile. */
    static final class CopyOnWriteLoop implements Emitter {
        private final List<Consumer<Happened>> handlers = new CopyOnWriteArrayList<>();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) handlers.add(counter::on);
        }

        @Override
        public void emit(Happened event) {
            for (var handler : handlers) handler.accept(event);
        }
    }

    static final class Ours implements Emitter {
        private final SignalBus bus = SignalBus.scoped();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) bus.subscribe(Happened.class, counter::on);
        }

        @Override
        public void emit(Happened event) {
            bus.emit(event);
        }

        @Override
        public void close() {
            bus.close();
        }
    }

    /** For one emitting thread at a time; the sink for several at once is slower. */
    static final class ReactorSink implements Emitter {
        private final Sinks.Many<Happened> sink =
                Sinks.unsafe().many().multicast().directBestEffort();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) sink.asFlux().subscribe(counter::on);
        }

        @Override
        public void emit(Happened event) {
            sink.tryEmitNext(event).orThrow();
        }
    }

    /** For one emitting thread at a time. */
    static final class RxSubject implements Emitter {
        private final PublishSubject<Happened> subject = PublishSubject.create();

        @Override
        @SuppressWarnings("CheckReturnValue")
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) subject.subscribe(counter::on);
        }

        @Override
        public void emit(Happened event) {
            subject.onNext(event);
        }
    }

    static final class Greenrobot implements Emitter {
        /** Found by its annotation. */
        public static final class Subscriber {
            private final Counter counter;

            Subscriber(Counter counter) {
                this.counter = counter;
            }

            @org.greenrobot.eventbus.Subscribe
            public void on(Happened event) {
                counter.on(event);
            }
        }

        private final org.greenrobot.eventbus.EventBus bus = org.greenrobot.eventbus.EventBus.builder()
                .eventInheritance(false)
                .logNoSubscriberMessages(false)
                .sendNoSubscriberEvent(false)
                .build();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) bus.register(new Subscriber(counter));
        }

        @Override
        public void emit(Happened event) {
            bus.post(event);
        }
    }

    static final class MBassador implements Emitter {
        /** Found by its annotation. */
        @Listener(references = References.Strong)
        public static final class Subscriber {
            private final Counter counter;

            Subscriber(Counter counter) {
                this.counter = counter;
            }

            @Handler
            public void on(Happened event) {
                counter.on(event);
            }
        }

        private final SyncMessageBus<Happened> bus = new SyncMessageBus<>(error -> {
            throw new IllegalStateException(error.getCause());
        });

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) bus.subscribe(new Subscriber(counter));
        }

        @Override
        public void emit(Happened event) {
            bus.publish(event);
        }
    }

    static final class Guava implements Emitter {
        /** Found by its annotation. */
        public static final class Subscriber {
            private final Counter counter;

            Subscriber(Counter counter) {
                this.counter = counter;
            }

            @com.google.common.eventbus.Subscribe
            public void on(Happened event) {
                counter.on(event);
            }
        }

        private final EventBus bus = new EventBus();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) bus.register(new Subscriber(counter));
        }

        @Override
        public void emit(Happened event) {
            bus.post(event);
        }
    }

    /** On the thread that submits. */
    static final class JdkPublisher implements Emitter {
        private final SubmissionPublisher<Happened> publisher = new SubmissionPublisher<>(Runnable::run, 256);

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers) publisher.consume(counter::on);
        }

        @Override
        public void emit(Happened event) {
            publisher.submit(event);
        }

        @Override
        public void close() {
            publisher.close();
        }
    }

    static final class Spring implements Emitter {
        /** Not wrapped into another event when it is published. */
        static final class HappenedEvent extends ApplicationEvent {
            private static final long serialVersionUID = 1;

            private final transient Happened event;

            HappenedEvent(Object source, Happened event) {
                super(source);
                this.event = event;
            }
        }

        private record Subscriber(Counter counter) implements ApplicationListener<HappenedEvent> {
            @Override
            public void onApplicationEvent(HappenedEvent happened) {
                counter.on(happened.event);
            }
        }

        private final GenericApplicationContext context = new GenericApplicationContext();
        private HappenedEvent latest = new HappenedEvent(this, new Happened(0));

        @Override
        public void subscribe(List<Counter> subscribers) {
            context.refresh();
            for (var counter : subscribers) context.addApplicationListener(new Subscriber(counter));
        }

        @Override
        public void emit(Happened event) {
            if (latest.event != event) latest = new HappenedEvent(this, event);
            context.publishEvent(latest);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    /** On its event loops; the event is handed on as it is. */
    static final class VertxPublish implements Emitter {
        private final Vertx vertx = Vertx.vertx();
        private final DeliveryOptions options =
                new DeliveryOptions().setLocalOnly(true).setCodecName(AsItIs.NAME);

        @Override
        public void subscribe(List<Counter> subscribers) {
            vertx.eventBus().registerCodec(new AsItIs());
            for (var counter : subscribers)
                vertx.eventBus().<Happened>localConsumer("happened", message -> counter.on(message.body()));
        }

        @Override
        public void emit(Happened event) {
            vertx.eventBus().publish("happened", event, options);
        }

        @Override
        public boolean isAsync() {
            return true;
        }

        @Override
        public void close() throws Exception {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /** To the one whose address it is, on its event loop. */
    static final class VertxSend implements ConcernsOneBenchmark.Addressed {
        private final Vertx vertx = Vertx.vertx();
        private final DeliveryOptions options =
                new DeliveryOptions().setLocalOnly(true).setCodecName(AsItIs.NAME);
        private final Happened event = new Happened(1);
        private String[] addresses;

        @Override
        public void subscribe(List<Counter> subscribers) {
            vertx.eventBus().registerCodec(new AsItIs());
            addresses = new String[subscribers.size()];
            for (int i = 0; i < addresses.length; i++) {
                var counter = subscribers.get(i);
                addresses[i] = "job-" + i;
                vertx.eventBus().<Happened>localConsumer(addresses[i], message -> counter.add());
            }
        }

        @Override
        public void emitTo(int number) {
            vertx.eventBus().send(addresses[number], event, options);
        }

        @Override
        public boolean isAsync() {
            return true;
        }

        @Override
        public void close() throws Exception {
            vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }

    /** A codec that copies nothing. */
    static final class AsItIs implements MessageCodec<Happened, Happened> {
        static final String NAME = "as it is";

        @Override
        public void encodeToWire(Buffer buffer, Happened event) {
            throw new UnsupportedOperationException("nothing leaves this JVM");
        }

        @Override
        public Happened decodeFromWire(int position, Buffer buffer) {
            throw new UnsupportedOperationException("nothing comes from outside this JVM");
        }

        @Override
        public Happened transform(Happened event) {
            return event;
        }

        @Override
        public String name() {
            return NAME;
        }

        @Override
        public byte systemCodecID() {
            return -1;
        }
    }

    /** One actor for each subscriber, each told. */
    static final class PekkoTell implements Emitter {
        private final ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "benchmark");
        private final List<ActorRef<Happened>> actors = new ArrayList<>();

        @Override
        public void subscribe(List<Counter> subscribers) {
            for (var counter : subscribers)
                actors.add(system.systemActorOf(counting(counter), "counter-" + actors.size(), Props.empty()));
        }

        private static Behavior<Happened> counting(Counter counter) {
            return Behaviors.receiveMessage(event -> {
                counter.on(event);
                return Behaviors.same();
            });
        }

        @Override
        public void emit(Happened event) {
            for (var actor : actors) actor.tell(event);
        }

        @Override
        public boolean isAsync() {
            return true;
        }

        @Override
        public void close() throws Exception {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
        }
    }
}
