package dev.orchestrator;

import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** A plain handler as a subscriber that takes everything. */
record EachValue<T>(Consumer<? super T> handler) implements Flow.Subscriber<T> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(T value) {
        handler.accept(value);
    }

    /** Thrown on, to the wall around this call, which tells it. */
    @Override
    public void onError(Throwable error) {
        throw new IllegalStateException("nothing more comes, since the value for the handler could not be made", error);
    }

    @Override
    public void onComplete() {}
}
