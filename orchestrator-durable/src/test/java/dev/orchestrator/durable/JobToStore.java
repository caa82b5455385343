package dev.orchestrator.durable;

import java.time.Duration;
import java.util.List;

/** A job for tests of the store; each method gives another one that differs in that. */
record JobToStore(Store.NewJob job) {
    static final String TYPE = "t";

    static JobToStore of(String id) {
        return new JobToStore(new Store.NewJob(
                id,
                TYPE,
                1,
                "{\"n\":1}",
                "{}",
                0,
                Duration.ZERO,
                null,
                null,
                null,
                null,
                null,
                true,
                false,
                null,
                List.of()));
    }

    JobToStore key(Store.KeyRule rule, String key) {
        return key(rule, key, 1_000);
    }

    JobToStore key(Store.KeyRule rule, String text, int waiting) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                new Store.Key(text, rule, waiting),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    JobToStore type(String type, int version) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                type,
                version,
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    JobToStore priority(int priority) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                priority,
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    JobToStore delay(Duration delay) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                delay,
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    JobToStore dueAt(long dueAt) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                dueAt,
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    JobToStore timeout(Duration timeout) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                timeout,
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }

    /** Its ending will be acknowledged by that node. */
    JobToStore told(String owner, String reader) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                owner,
                reader,
                true,
                true,
                job.retryOf(),
                job.attachments()));
    }

    /** A node that waits for its ending, and has it from the worker if that is the same node. */
    JobToStore watched(String reader, boolean seen) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                reader,
                seen,
                false,
                job.retryOf(),
                job.attachments()));
    }

    JobToStore needs(String... attachments) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                job.payload(),
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                List.of(attachments)));
    }

    JobToStore payload(String payload) {
        return new JobToStore(new Store.NewJob(
                job.id(),
                job.type(),
                job.version(),
                payload,
                job.options(),
                job.priority(),
                job.delay(),
                job.dueAt(),
                job.timeout(),
                job.key(),
                job.owner(),
                job.reader(),
                job.seen(),
                job.acknowledged(),
                job.retryOf(),
                job.attachments()));
    }
}
