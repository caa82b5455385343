package dev.orchestrator;

import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** P6: the stream of states is a Reactive Streams publisher. Each state that a subscriber sees makes the next one. */
public class StatePublisherTckTest extends FlowPublisherVerification<Long> {
    public StatePublisherTckTest() {
        super(new TestEnvironment(200));
    }

    private static final class Counter extends BaseOrchestrator<Long> {
        Counter(SignalBus bus) {
            super(1L, Dispatcher.create(bus), bus);
        }

        void goOnAfter(long seen, long elements) {
            if (seen == elements) close();
            else emit(seen + 1);
        }
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
        var counter = new Counter(SignalBus.scoped());
        return subscriber -> counter.states()
                .subscribe(
                        subscriber == null
                                ? null
                                : new Flow.Subscriber<Long>() {
                                    @Override
                                    public void onSubscribe(Flow.Subscription subscription) {
                                        subscriber.onSubscribe(subscription);
                                    }

                                    @Override
                                    public void onNext(Long state) {
                                        subscriber.onNext(state);
                                        counter.goOnAfter(state, elements);
                                    }

                                    @Override
                                    public void onError(Throwable error) {
                                        subscriber.onError(error);
                                    }

                                    @Override
                                    public void onComplete() {
                                        subscriber.onComplete();
                                    }
                                });
    }

    @Override
    public Flow.Publisher<Long> createFailedFlowPublisher() {
        return null; // a state never fails
    }

    @Override
    public long maxElementsFromPublisher() {
        return Integer.MAX_VALUE;
    }
}
