package dev.orchestrator;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** P11: the stream of a bus's events is a Reactive Streams publisher. The events are emitted when it is subscribed to. */
public class EventPublisherTckTest extends FlowPublisherVerification<Event> {
    record Numbered(long number) implements Event {}

    public EventPublisherTckTest() {
        super(new TestEnvironment(200));
    }

    @Override
    public Flow.Publisher<Event> createFlowPublisher(long elements) {
        return subscriber -> {
            var bus = SignalBus.scoped();
            bus.events().subscribe(subscriber);
            for (long i = 0; i < elements; i++) bus.emit(new Numbered(i));
            bus.close();
        };
    }

    @Override
    public Flow.Publisher<Event> createFailedFlowPublisher() {
        return null; // it fails only for a subscriber that lets too many events wait
    }

    @Override
    public long maxElementsFromPublisher() {
        return EventPublisher.BOUND;
    }
}
