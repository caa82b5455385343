package dev.orchestrator;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.spi.SharedWork;
import dev.orchestrator.spi.SharingContext;
import dev.orchestrator.spi.SharingExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/** The least that shares: jobs whose numbers have the same tens take part in one work. */
final class Sharing implements SharingExecutor<Load, String> {
    final AsyncJobExecutor<Load, String> executor;

    /** What the works came to, each before anybody was told. */
    final List<JobResult<String>> endings = new ArrayList<>();

    UnaryOperator<JobResult<String>> ending = result -> result;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, SharedWork<String>> underWay = new HashMap<>();

    Sharing(AsyncJobExecutor<Load, String> executor) {
        this.executor = executor;
    }

    /** Puts one in the place of the world's own executor. */
    static Sharing in(StillWorld world, JobOptions options) {
        var sharing = new Sharing((job, context) -> world.enter(job.number(), context));
        world.dispatcher.replace(Load.class, sharing, options);
        return sharing;
    }

    @Override
    public CompletionStage<String> begin(Load job, SharingContext<String> context) {
        int key = job.number() / 10;
        SharedWork<String> fresh;
        CompletionStage<String> stage;
        lock.lock();
        try {
            SharedWork<String> known = underWay.get(key);
            if (known != null) {
                CompletionStage<String> joined = context.join(known, result -> ending.apply(result));
                if (joined != null) return joined;
            }
            fresh = context.shareAsync(executor, endings::add);
            underWay.put(key, fresh);
            stage = context.join(fresh, result -> ending.apply(result));
        } finally {
            lock.unlock();
        }
        fresh.start();
        return stage;
    }
}
