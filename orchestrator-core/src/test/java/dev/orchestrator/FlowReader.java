package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A subscriber that keeps what it gets, for tests whose lane runs on the test's thread. */
final class FlowReader<T> implements Flow.Subscriber<T> {
    final List<T> seen = new ArrayList<>();
    boolean completed;

    @Nullable
    Throwable error;

    private final long atOnce;
    private Flow.@Nullable Subscription subscription;

    /** Makes one that asks for so many when it is subscribed. */
    FlowReader(long atOnce) {
        this.atOnce = atOnce;
    }

    void request(long more) {
        subscription().request(more);
    }

    void cancel() {
        subscription().cancel();
    }

    private Flow.Subscription subscription() {
        if (subscription == null) throw new AssertionError("not subscribed");
        return subscription;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (atOnce > 0) given.request(atOnce);
    }

    @Override
    public void onNext(T item) {
        seen.add(item);
    }

    @Override
    public void onError(Throwable thrown) {
        error = thrown;
    }

    @Override
    public void onComplete() {
        completed = true;
    }
}
