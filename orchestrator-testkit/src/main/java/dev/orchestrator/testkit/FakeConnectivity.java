package dev.orchestrator.testkit;

import dev.orchestrator.Job;
import dev.orchestrator.JobCall;
import dev.orchestrator.JobInterceptor;
import dev.orchestrator.Subscription;
import java.net.ConnectException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A network that is there or not, as the test says; there at first.
 *
 * <p>As an interceptor it lets the jobs around which it stands fail with a {@link ConnectException} while it is offline,
 * before their executor is called:
 *
 * {@snippet class="dev.orchestrator.testkit.SnippetsTest" region="connectivity"}
 *
 * <p>All methods may be called from any thread; listeners are called on the thread that changes it, in order of
 * subscribing.
 */
public final class FakeConnectivity implements BooleanSupplier, JobInterceptor<Job<?>, @Nullable Object> {
    private final AtomicBoolean online = new AtomicBoolean(true);
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /** Compared by identity, so that each subscription is one of its own. */
    private static final class Listener {
        private final Consumer<? super Boolean> handler;

        Listener(Consumer<? super Boolean> handler) {
            this.handler = handler;
        }
    }

    /** Makes one that is online. */
    public FakeConnectivity() {}

    /** Whether it is online. */
    public boolean isOnline() {
        return online.get();
    }

    /** As {@link #isOnline}. */
    @Override
    public boolean getAsBoolean() {
        return isOnline();
    }

    /** The network is there from now on; tells the listeners if it was not. */
    public void goOnline() {
        become(true);
    }

    /** The network is gone from now on; tells the listeners if it was there. */
    public void goOffline() {
        become(false);
    }

    private void become(boolean now) {
        if (online.getAndSet(now) != now) listeners.forEach(listener -> listener.handler.accept(now));
    }

    /** Calls the handler at each change, with whether it is online now, until the subscription is closed. */
    public Subscription onChange(Consumer<? super Boolean> handler) {
        var listener = new Listener(Objects.requireNonNull(handler, "handler"));
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /**
     * Does what a call over the network would do.
     *
     * @throws ConnectException if it is offline
     */
    public void check() throws ConnectException {
        if (!isOnline()) throw new ConnectException("the test took the network away");
    }

    @Override
    public @Nullable Object intercept(JobCall<Job<?>, @Nullable Object> call) throws Exception {
        check();
        return call.proceed();
    }
}
