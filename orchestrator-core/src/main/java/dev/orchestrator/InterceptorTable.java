package dev.orchestrator;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The interceptors of a dispatcher, in the order in which they were declared.
 *
 * <p>Declaring one replaces a list as a whole under the lock; dispatches and attempts read it without. Where nothing is
 * declared they read one field and allocate nothing. No job class is remembered here, so none is kept (P10).
 */
final class InterceptorTable {
    /** One declaration: the same object may be declared twice, and each is taken back by itself. */
    private static final class AtDispatch {
        final DispatchInterceptor factory;

        AtDispatch(DispatchInterceptor factory) {
            this.factory = factory;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    // Written under lock, read by anyone. Volatile publishes the lists, which nobody changes afterwards.
    private volatile List<Interceptor> declared = List.of();
    private volatile List<AtDispatch> atDispatch = List.of();

    Subscription add(Class<?> type, Object interceptor) {
        var mine = new Interceptor(type, interceptor);
        lock.lock();
        try {
            declared = with(declared, mine);
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                declared = without(declared, mine);
            } finally {
                lock.unlock();
            }
        };
    }

    Subscription addAtDispatch(DispatchInterceptor factory) {
        var mine = new AtDispatch(Objects.requireNonNull(factory, "interceptor"));
        lock.lock();
        try {
            atDispatch = with(atDispatch, mine);
        } finally {
            lock.unlock();
        }
        return () -> {
            lock.lock();
            try {
                atDispatch = without(atDispatch, mine);
            } finally {
                lock.unlock();
            }
        };
    }

    private static <T> List<T> with(List<T> all, T one) {
        var more = new ArrayList<>(all);
        more.add(one);
        return List.copyOf(more);
    }

    private static <T> List<T> without(List<T> all, T one) {
        var fewer = new ArrayList<>(all);
        fewer.remove(one);
        return List.copyOf(fewer);
    }

    /** What the dispatch interceptors want around a job, on the dispatching thread; throws what one of them throws. */
    List<Interceptor> atDispatch(Job<?> job) {
        List<AtDispatch> all = atDispatch;
        if (all.isEmpty()) return List.of();
        var made = new ArrayList<Interceptor>(all.size());
        for (AtDispatch each : all) {
            @Nullable JobInterceptor<?, ?> wanted = each.factory.around(job);
            if (wanted != null) made.add(new Interceptor(Job.class, wanted));
        }
        return made;
    }

    /** What stands around an attempt that begins now, outermost first: what its dispatch made, then what is declared. */
    List<Interceptor> around(Job<?> job, List<Interceptor> madeAtDispatch) {
        List<Interceptor> all = declared;
        if (all.isEmpty()) return madeAtDispatch;
        int fitting = 0;
        for (Interceptor each : all) if (each.fits(job)) fitting++;
        if (fitting == 0) return madeAtDispatch;
        if (fitting == all.size() && madeAtDispatch.isEmpty()) return all;
        var around = new ArrayList<Interceptor>(madeAtDispatch.size() + fitting);
        around.addAll(madeAtDispatch);
        for (Interceptor each : all) if (each.fits(job)) around.add(each);
        return around;
    }
}
