package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobRejectedException;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobWithOptions;
import dev.orchestrator.NonRetryable;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.RunLimit;
import dev.orchestrator.durable.Invoices.SendInvoice;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * What holds for durable jobs on every database that several processes share, besides their acceptance and ownership: one recorded
 * ending (P1), time limits (P7), retries (P8), keys and limits across machines (P11).
 */
@SuppressWarnings("try") // a machine is there to be there
abstract class DurableBehaviour extends AcceptanceBehaviour {
    @Test
    void anAttemptThatFailsIsTriedAgainAndTheLastOneIsADeadLetterWithAllErrors() throws Exception {
        var retry = JobOptions.builder()
                .retry(RetryPolicy.fixed(3, Duration.ofMillis(1)))
                .build();
        var calls = new AtomicInteger();
        try (var machine = Machine.worker(
                        store(),
                        (job, context) -> {
                            calls.incrementAndGet();
                            throw new IllegalStateException("attempt " + context.attempt());
                        },
                        Handling.standard().options(retry));
                var invoices = machine.invoices()) {
            String id = invoices.dispatch(new SendInvoice(1)).id();

            assertThat(invoices.until("failure attempt 3")).contains("retrying 1", "retrying 2");
            assertThat(calls).hasValue(3);
            assertThat(machine.durable.deadLetters().errors(id))
                    .extracting(FailedAttempt::error)
                    .containsExactly("attempt 1", "attempt 2", "attempt 3");
            assertThat(machine.durable
                            .deadLetters()
                            .list(JobFilter.all(), 0, 10)
                            .jobs())
                    .extracting(DurableJob::id)
                    .containsExactly(id);
        }
    }

    @Test
    void whatIsDiscardedIsListedNoMore() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> {
            throw new IllegalStateException("no");
        })) {
            JobHandle<String> handle = machine.durable.dispatch(new SendInvoice(1));
            ending(handle);

            DeadLetters letters = machine.durable.deadLetters();
            assertThat(letters.discard(handle.id(), "anna", "a test order")).isTrue();
            assertThat(letters.list(JobFilter.all(), 0, 10).jobs()).isEmpty();
            assertThat(letters.retry(handle.id(), "anna")).isEmpty();
        }
    }

    @Test
    void aJobThatWaitsIsCancelledAndNeverRuns() throws Exception {
        var ran = new AtomicInteger();
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            String id = invoices.dispatch(new SendInvoice(1)).id();
            assertThat(front.durable.cancel(id, "not wanted")).isTrue();
            assertThat(front.durable.cancel(id, "again")).isFalse();
            assertThat(invoices.next()).isEqualTo("cancelled not wanted");
            try (var worker = Machine.worker(store(), (job, context) -> "ran " + ran.incrementAndGet())) {
                ending(worker.durable.dispatch(new SendInvoice(2)));
            }
        }
        assertThat(ran).hasValue(1);
    }

    @Test
    void aRunningJobIsCancelledHereAndOnAnotherMachine() throws Exception {
        var running = new Semaphore(0);
        try (var worker = Machine.worker(store(), (job, context) -> {
                    running.release();
                    new CountDownLatch(1).await();
                    return "never";
                });
                var front = Machine.front(store());
                var there = front.invoices();
                var here = worker.invoices()) {
            String onTheOther = there.dispatch(new SendInvoice(1)).id();
            JobHandle<String> onThisOne = here.dispatch(new SendInvoice(2));
            assertThat(running.tryAcquire(2, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();

            assertThat(onThisOne.cancel("here")).isTrue();
            assertThat(there.cancel(onTheOther, "there")).isTrue();

            here.until("cancelled here");
            there.until("cancelled there");
        }
    }

    @Test
    void timeLimitsEndAnAttemptAndAJob() throws Exception {
        var attempt = JobOptions.builder().attemptTimeout(Duration.ofMillis(50)).build();
        var total = JobOptions.builder().timeout(Duration.ofMillis(50)).build();
        try (var worker = Machine.worker(store(), (job, context) -> {
            new CountDownLatch(1).await();
            return "never";
        })) {
            assertThat(ending(worker.durable.dispatch(new SendInvoice(1), attempt)))
                    .isInstanceOfSatisfying(
                            JobResult.Failure.class,
                            failure -> assertThat(failure.error().toString()).contains("TimeoutException"));
            assertThat(ending(worker.durable.dispatch(new SendInvoice(2), total)))
                    .isEqualTo(new JobResult.TimedOut<>(Duration.ofMillis(50)));
        }
    }

    @Test
    void aJobWhoseTimeIsUpBeforeItRanNeverRuns() throws Exception {
        var total = JobOptions.builder()
                .timeout(Duration.ofMillis(50))
                .extra(DurableOptions.class, DurableOptions.delayed(Duration.ofHours(1)))
                .build();
        try (var worker = Machine.worker(store(), (job, context) -> "ran")) {
            assertThat(ending(worker.durable.dispatch(new SendInvoice(2), total)))
                    .isEqualTo(new JobResult.TimedOut<>(Duration.ofMillis(50)));
        }
    }

    @Test
    void aCancellationNeedsAReason() throws Exception {
        try (var machine = Machine.front(store())) {
            JobHandle<String> handle = machine.durable.dispatch(new SendInvoice(1));
            assertThatThrownBy(() -> machine.durable.cancel(handle.id(), " "))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("reason");
            assertThat(machine.durable.cancel("nobody's", "why")).isFalse();
            assertThat(machine.durable.cancel(handle.id(), "why")).isTrue();
            assertThat(ending(handle)).isEqualTo(new JobResult.Cancelled<>("why"));
        }
    }

    private record Receipt(int number) {
        Receipt {
            if (number < 0) throw new AssertionError("no such receipt");
        }

        @Override
        public int number() {
            if (number == 0) throw new AssertionError("not to be told");
            return number;
        }
    }

    private record Print(int number) implements Job<Receipt> {}

    @Test
    void aResultWhoseOwnCodeThrowsAnErrorFailsTheJob() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "sent")) {
            machine.durable.register(Print.class, "print", 1, (job, context) -> new Receipt(job.number()));
            assertThat(ending(machine.durable.dispatch(new Print(7))))
                    .isEqualTo(new JobResult.Success<>(new Receipt(7)));
            assertThat(ending(machine.durable.dispatch(new Print(0))))
                    .isInstanceOfSatisfying(
                            JobResult.Failure.class,
                            failure -> assertThat(failure.error()).hasMessageContaining("cannot be stored as JSON"));
        }
    }

    private record Moody(int number) implements JobWithOptions<String> {
        private static final AtomicInteger TOO_MANY = new AtomicInteger();

        @Override
        public JobOptions options() {
            if (TOO_MANY.getAndIncrement() > 0) throw new AssertionError("asked twice");
            return JobOptions.none();
        }
    }

    @Test
    void aJobWhoseOptionsThrowAnErrorIsParkedAndTheOthersGoOn() throws Exception {
        Moody.TOO_MANY.set(0);
        try (var machine = Machine.worker(store(), (job, context) -> "sent")) {
            machine.durable.register(Moody.class, "moody", 1, (job, context) -> "calm");
            JobHandle<String> moody = machine.durable.dispatch(new Moody(1));
            awaitState(machine, moody.id(), JobState.PARKED);
            assertThat(machine.durable.jobs().find(moody.id()).orElseThrow().error())
                    .contains("asked twice");
            assertThat(ending(machine.durable.dispatch(new SendInvoice(1)))).isEqualTo(new JobResult.Success<>("sent"));
            Moody.TOO_MANY.set(0);
            assertThat(machine.durable.jobs().unpark(moody.id(), "anna")).isTrue();
            assertThat(ending(moody)).isEqualTo(new JobResult.Success<>("calm"));
        }
    }

    @Test
    void retryingAllTriesEachOnceAlsoIfItFailsAgain() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> {
            throw new IllegalStateException("no");
        })) {
            var handles = new ArrayList<JobHandle<String>>();
            for (int i = 0; i < 101; i++) handles.add(machine.durable.dispatch(new SendInvoice(i)));
            for (JobHandle<String> handle : handles) ending(handle);

            DeadLetters letters = machine.durable.deadLetters();
            assertThat(letters.retryAll(JobFilter.all(), "anna", 1_000).get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isEqualTo(101);
            assertThat(letters.actions(handles.getLast().id()))
                    .extracting(RecordedAction::what)
                    .containsExactly("retry");
        }
    }

    @Test
    void aDeadLetterWithAnIdThatLooksMadeIsTriedAgain() throws Exception {
        var id = "-0123456789abcdefghjkmnpqrstvw";
        try (var machine = Machine.worker(store(), (job, context) -> {
            throw new IllegalStateException("no");
        })) {
            ending(machine.durable.dispatch(
                    new SendInvoice(1), JobOptions.builder().id(id).build()));
            assertThat(machine.durable.deadLetters().retry(id, "anna")).isPresent();
        }
    }

    @Test
    void jobsWithAKeyRunInOrderAndOneAtATimeAcrossMachines() throws Exception {
        var order = new ConcurrentLinkedQueue<Long>();
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        dev.orchestrator.JobExecutor<SendInvoice, String> executor = (job, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            order.add(job.orderId());
            inside.decrementAndGet();
            return "sent";
        };
        var queue = JobOptions.builder().queueIfRunning("customer 1", 100).build();
        try (var one = Machine.worker(store(), executor);
                var two = Machine.worker(store(), executor)) {
            var handles = new ArrayList<JobHandle<String>>();
            for (long i = 0; i < 20; i++) {
                Machine machine = i % 2 == 0 ? one : two;
                handles.add(machine.durable.dispatch(new SendInvoice(i), queue));
            }
            for (JobHandle<String> handle : handles) ending(handle);
        }
        assertThat(List.copyOf(order)).isSorted().hasSize(20);
        assertThat(most).hasValue(1);
    }

    @Test
    void whatHasTheKeyIsJoinedOrKeptOrReplaced() throws Exception {
        var running = new Semaphore(0);
        var go = new CountDownLatch(1);
        try (var worker = Machine.worker(store(), (job, context) -> {
                    running.release();
                    go.await();
                    return "invoice " + job.orderId();
                });
                var front = Machine.front(store())) {
            JobHandle<String> first = front.durable.dispatch(
                    new SendInvoice(1), JobOptions.builder().joinRunning("k").build());
            assertThat(running.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();

            JobHandle<String> joined = worker.durable.dispatch(
                    new SendInvoice(2), JobOptions.builder().joinRunning("k").build());
            assertThatThrownBy(() -> front.durable.dispatch(
                            new SendInvoice(3),
                            JobOptions.builder().dropIfRunning("k").build()))
                    .isInstanceOf(JobRejectedException.class);
            go.countDown();
            assertThat(ending(first)).isEqualTo(new JobResult.Success<>("invoice 1"));
            assertThat(ending(joined)).isEqualTo(new JobResult.Success<>("invoice 1"));
        }
    }

    @Test
    void theTimeOfOneThatTakesPartEndsItAlone() throws Exception {
        var running = new Semaphore(0);
        var go = new CountDownLatch(1);
        try (var worker = Machine.worker(store(), (job, context) -> {
                    running.release();
                    go.await();
                    return "invoice " + job.orderId();
                });
                var front = Machine.front(store())) {
            var join = JobOptions.builder().joinRunning("k");
            JobHandle<String> first = front.durable.dispatch(new SendInvoice(1), join.build());
            assertThat(running.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            Duration limit = Duration.ofMillis(50);
            for (Machine machine : List.of(front, worker))
                assertThat(ending(machine.durable.dispatch(
                                new SendInvoice(2), join.timeout(limit).build())))
                        .isEqualTo(new JobResult.TimedOut<>(limit));
            go.countDown();
            assertThat(ending(first)).isEqualTo(new JobResult.Success<>("invoice 1"));
        }
    }

    @Test
    void theNewOneReplacesTheOldOne() throws Exception {
        var running = new Semaphore(0);
        try (var worker = Machine.worker(store(), (job, context) -> {
                    running.release();
                    if (job.orderId() == 1) new CountDownLatch(1).await();
                    return "invoice " + job.orderId();
                });
                var front = Machine.front(store())) {
            var replace = JobOptions.builder().replaceRunning("k").build();
            JobHandle<String> old = front.durable.dispatch(new SendInvoice(1), replace);
            assertThat(running.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            JobHandle<String> fresh = front.durable.dispatch(new SendInvoice(2), replace);

            assertThat(ending(old)).isInstanceOf(JobResult.Cancelled.class);
            assertThat(ending(fresh)).isEqualTo(new JobResult.Success<>("invoice 2"));
        }
    }

    @Test
    void aLimitHoldsAcrossMachines() throws Exception {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var two = Handling.standard()
                .options(JobOptions.builder().limit(RunLimit.of(2).orWait()).build());
        dev.orchestrator.JobExecutor<SendInvoice, String> executor = (job, context) -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.yield();
            inside.decrementAndGet();
            return "sent";
        };
        try (var one = Machine.worker(store(), executor, two);
                var other = Machine.worker(store(), executor, two)) {
            var handles = new ArrayList<JobHandle<String>>();
            for (long i = 0; i < 30; i++) handles.add((i % 2 == 0 ? one : other).durable.dispatch(new SendInvoice(i)));
            for (JobHandle<String> handle : handles)
                assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("sent"));
        }
        assertThat(most.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void whatCannotBeReadIsParkedAndTheOthersGoOn() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "invoice " + job.orderId())) {
            JobHandle<String> bad = machine.durable.dispatch(
                    new SendInvoice(1),
                    JobOptions.builder()
                            .extra(DurableOptions.class, DurableOptions.delayed(Duration.ofMillis(300)))
                            .build());
            try (Connection connection = machine.durable.dataSource().getConnection();
                    var update = connection.prepareStatement("update orch_job set payload = 'broken{' where id = ?")) {
                update.setString(1, bad.id());
                assertThat(update.executeUpdate()).isEqualTo(1);
            }
            awaitState(machine, bad.id(), JobState.PARKED);
            assertThat(machine.durable.jobs().find(bad.id()).orElseThrow().error())
                    .contains("send-invoice");
            assertThat(ending(machine.durable.dispatch(new SendInvoice(2))))
                    .isEqualTo(new JobResult.Success<>("invoice 2"));

            assertThat(machine.durable.jobs().edit(bad.id(), 1, "{\"orderId\":3}", "anna"))
                    .isTrue();
            assertThat(machine.durable.jobs().unpark(bad.id(), "anna")).isTrue();
            assertThat(ending(bad)).isEqualTo(new JobResult.Success<>("invoice 3"));
        }
    }

    @Test
    void aConditionIsWaitedForAndBurnsNoAttempt() throws Exception {
        var isOnline = new java.util.concurrent.atomic.AtomicBoolean();
        var condition = Conditions.when("online", isOnline::get);
        try (var machine = Machine.worker(
                store(),
                (job, context) -> "attempt " + context.attempt(),
                Handling.standard().runningWhen(condition))) {
            JobHandle<String> handle = machine.durable.dispatch(new SendInvoice(1));
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!"online"
                    .equals(machine.durable
                            .jobs()
                            .find(handle.id())
                            .orElseThrow()
                            .waitsFor())) {
                assertThat(System.nanoTime()).isLessThan(end);
                Thread.onSpinWait();
            }
            isOnline.set(true);
            condition.changed();
            assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("attempt 1"));
        }
    }

    @Test
    void whoSaysOfflineBurnsNoAttemptAlsoWithoutACondition() throws Exception {
        var calls = new AtomicInteger();
        try (var machine = Machine.worker(store(), (job, context) -> {
            if (calls.incrementAndGet() == 1) throw new OfflineException("the mail server is not there");
            return "attempt " + context.attempt();
        })) {
            JobHandle<String> handle = machine.durable.dispatch(new SendInvoice(1));
            assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("attempt 1"));
            assertThat(machine.durable.jobs().failedAttempts(handle.id())).isEmpty();
        }
    }

    @Test
    void closingHandsRunningJobsBackAndEndsNone() throws Exception {
        var running = new CountDownLatch(1);
        String id;
        try (var worker = Machine.worker(store(), (job, context) -> {
            running.countDown();
            new CountDownLatch(1).await();
            return "never";
        })) {
            JobHandle<String> handle = worker.durable.dispatch(new SendInvoice(1));
            id = handle.id();
            await(running);
            worker.durable.close();
            assertThatThrownBy(() -> handle.await(PATIENCE))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("goes on");
        }
        try (var next = Machine.worker(store(), (job, context) -> "attempt " + context.attempt())) {
            awaitState(next, id, JobState.SUCCEEDED);
            assertThat(next.durable.jobs().find(id).orElseThrow().result()).isEqualTo("\"attempt 1\"");
        }
    }

    @Test
    void attachmentsComeWithTheJob() throws Exception {
        try (var machine = Machine.front(store())) {
            byte[] bytes = "content".repeat(100_000).getBytes(StandardCharsets.UTF_8);
            Attachment stored = machine.durable.attachments().add(new ByteArrayInputStream(bytes), "big.txt");
            assertThat(stored.size()).isEqualTo(bytes.length);
            try (var other = Machine.front(store());
                    var content = other.durable.attachments().open(stored)) {
                assertThat(content.readAllBytes()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aRecurringJobRunsOncePerTick() throws Exception {
        var ticks = new Semaphore(0);
        try (var machine = Machine.worker(store(), (job, context) -> {
            ticks.release();
            return "sent";
        })) {
            machine.durable.recurring(
                    "every-moment", Recurrence.fixedDelay(Duration.ofMillis(100)), () -> new SendInvoice(1));
            assertThat(ticks.tryAcquire(2, PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(machine.durable.jobs().find(JobFilter.all(), 100).jobs())
                    .extracting(DurableJob::id)
                    .allMatch(id -> id.startsWith("every-moment@"))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void aTimeThatComesWhileItClosesComesAgain() throws Exception {
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var closing = Machine.worker(store(), (job, context) -> "sent");
        var askedAt = new AtomicReference<Instant>();
        closing.durable.recurring("often", Recurrence.fixedDelay(Duration.ofMillis(1)), () -> {
            askedAt.compareAndSet(null, Instant.now());
            asked.countDown();
            awaitOrFail(go);
            return new SendInvoice(1);
        });
        await(asked);
        Thread other = Thread.ofVirtual().start(closing::close);
        while (!isClosed(closing)) Thread.onSpinWait();
        go.countDown();
        other.join();
        try (var next = Machine.worker(store(), (job, context) -> "sent")) {
            assertThat(next.durable.jobs().find(JobFilter.all(), 10).jobs()).isEmpty();
            next.durable.recurring("often", Recurrence.fixedDelay(Duration.ofDays(1)), () -> new SendInvoice(2));
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (next.durable.jobs().find(JobFilter.all(), 1).jobs().isEmpty())
                assertThat(System.nanoTime()).isLessThan(end);
            String id = next.durable
                    .jobs()
                    .find(JobFilter.all(), 1)
                    .jobs()
                    .getFirst()
                    .id();
            assertThat(Instant.parse(id.substring("often@".length()))).isBefore(askedAt.get());
        }
    }

    private static void awaitOrFail(CountDownLatch latch) {
        try {
            await(latch);
        } catch (InterruptedException nobodyDoesThat) {
            throw new AssertionError(nobodyDoesThat);
        }
    }

    private static boolean isClosed(Machine machine) {
        try {
            machine.durable.start();
            return false;
        } catch (IllegalStateException closed) {
            return true;
        }
    }

    @Test
    void queriesFindByStateTypeKeyTimeAndErrorAndPage() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> {
            if (job.orderId() % 2 == 1) throw new OddOrder("odd order " + job.orderId());
            return "sent";
        })) {
            var handles = new ArrayList<JobHandle<String>>();
            for (int i = 0; i < 10; i++) handles.add(machine.durable.dispatch(new SendInvoice(i)));
            for (JobHandle<String> handle : handles) ending(handle);

            DurableJobs jobs = machine.durable.jobs();
            assertThat(jobs.counts(JobFilter.all()))
                    .containsEntry(JobState.SUCCEEDED, 5L)
                    .containsEntry(JobState.FAILED, 5L)
                    .containsEntry(JobState.WAITING, 0L);
            assertThat(jobs.find(JobFilter.all().withErrorText("ODD order 3"), 10)
                            .jobs())
                    .extracting(DurableJob::id)
                    .containsExactly(handles.get(3).id());
            assertThat(jobs.find(JobFilter.all().withErrorText("100%"), 10).jobs())
                    .isEmpty();
            assertThat(jobs.find(JobFilter.all().ofType("other"), 10).jobs()).isEmpty();

            var seen = new ArrayList<String>();
            Page page = jobs.find(JobFilter.all().in(JobState.SUCCEEDED), 2);
            page.jobs().forEach(job -> seen.add(job.id()));
            while (page.hasNext()) {
                page = jobs.find(JobFilter.all().in(JobState.SUCCEEDED), page.next(), 2);
                page.jobs().forEach(job -> seen.add(job.id()));
            }
            assertThat(seen)
                    .containsExactly(
                            handles.get(0).id(),
                            handles.get(2).id(),
                            handles.get(4).id(),
                            handles.get(6).id(),
                            handles.get(8).id());
        }
    }

    @SuppressWarnings("serial")
    private static final class OddOrder extends RuntimeException implements NonRetryable {
        OddOrder(String text) {
            super(text);
        }
    }
}
