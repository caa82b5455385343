package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.orchestrator.BaseJob;
import dev.orchestrator.CancellationToken;
import dev.orchestrator.Job;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobWithOptions;
import dev.orchestrator.RunLimit;
import dev.orchestrator.durable.Invoices.SendInvoice;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** P1, P9 for durable jobs on every database: on disk before the dispatch returns, once for each id, or refused with a reason. */
@SuppressWarnings("try") // a machine is there to be there
abstract class AcceptanceBehaviour extends OwnershipBehaviour {
    @Test
    void aJobIsStoredBeforeItsDispatchReturns() {
        try (var front = Machine.front(store());
                var other = Machine.front(store())) {
            JobHandle<String> handle = front.durable.dispatch(new SendInvoice(1));

            DurableJob stored = other.durable.jobs().find(handle.id()).orElseThrow();
            assertThat(stored.state()).isEqualTo(JobState.WAITING);
            assertThat(stored.type()).isEqualTo("send-invoice");
            assertThat(stored.payload()).isEqualTo("{\"orderId\":1}");
        }
    }

    @Test
    void aTransactionOfTheCallersDecidesWhetherThereIsAJob() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "invoice " + job.orderId());
                var invoices = machine.invoices()) {
            String rolledBack;
            try (Connection connection = machine.durable.dataSource().getConnection()) {
                connection.setAutoCommit(false);
                rolledBack = machine.durable.dispatchIn(connection, invoices, new SendInvoice(1), JobOptions.none());
                connection.rollback();
                machine.durable.dispatchIn(connection, invoices, new SendInvoice(2), JobOptions.none());
                connection.commit();
                connection.setAutoCommit(true);
            }
            invoices.until("success invoice 2");
            assertThat(machine.durable.jobs().find(rolledBack)).isEmpty();
            assertThat(invoices.told).isEmpty();
        }
    }

    @Test
    void aJobInATransactionIsForNoOtherOrchestratorOfThatName() throws Exception {
        try (var machine = Machine.front(store());
                var invoices = machine.invoices();
                var namesake = machine.invoices();
                Connection connection = machine.durable.dataSource().getConnection()) {
            machine.durable.takeUp(invoices);
            connection.setAutoCommit(false);
            assertThatThrownBy(() ->
                            machine.durable.dispatchIn(connection, namesake, new SendInvoice(1), JobOptions.none()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another orchestrator with the name invoices");
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    @Test
    void anAutoCommitConnectionIsRefused() throws Exception {
        try (var machine = Machine.front(store());
                Connection connection = machine.durable.dataSource().getConnection()) {
            assertThatThrownBy(() -> machine.durable.dispatchIn(connection, new SendInvoice(1), JobOptions.none()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("auto-commit");
        }
    }

    @Test
    void theSameIdAgainIsOneJob() throws Exception {
        var ran = new AtomicInteger();
        var id = JobOptions.builder().id("order-1").build();
        try (var machine = Machine.worker(store(), (job, context) -> "run " + ran.incrementAndGet())) {
            JobHandle<String> first = machine.durable.dispatch(new SendInvoice(1), id);
            JobHandle<String> second = machine.durable.dispatch(new SendInvoice(1), id);
            assertThat(ending(first)).isEqualTo(new JobResult.Success<>("run 1"));
            assertThat(ending(second)).isEqualTo(new JobResult.Success<>("run 1"));

            assertThat(ending(machine.durable.dispatch(new SendInvoice(1), id)))
                    .isEqualTo(new JobResult.Success<>("run 1"));
            assertThatThrownBy(() -> machine.durable.dispatch(new SendInvoice(2), id))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("order-1");
        }
        try (var later = Machine.front(store())) {
            assertThat(ending(later.durable.dispatch(new SendInvoice(1), id)))
                    .isEqualTo(new JobResult.Success<>("run 1"));
        }
        assertThat(ran).hasValue(1);
    }

    @Test
    void theSameIdFromManyThreadsIsOneJob() throws Exception {
        var ran = new AtomicInteger();
        var id = JobOptions.builder().id("order-1").build();
        try (var machine = Machine.worker(store(), (job, context) -> "run " + ran.incrementAndGet());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var together = new CountDownLatch(1);
            var handles = new ArrayList<Future<JobHandle<String>>>();
            for (int i = 0; i < 16; i++)
                handles.add(threads.submit(() -> {
                    together.await();
                    return machine.durable.dispatch(new SendInvoice(1), id);
                }));
            together.countDown();
            for (Future<JobHandle<String>> handle : handles)
                assertThat(ending(handle.get())).isEqualTo(new JobResult.Success<>("run 1"));
        }
        assertThat(ran).hasValue(1);
    }

    /** A job without an {@code equals} of its own, that brings its id. */
    private static final class Resize extends BaseJob<String> {
        @JsonProperty
        private final int width;

        Resize(@JsonProperty("id") String id, @JsonProperty("width") int width) {
            super(id);
            this.width = width;
        }
    }

    @Test
    void aJobThatBringsItsIdHasThatOneAndIsOneJob() throws Exception {
        var ran = new AtomicInteger();
        var go = new CountDownLatch(1);
        try (var machine = Machine.front(store())) {
            machine.durable.registerElsewhere(Resize.class, "resize", 1, Handling.standard());
            try (Connection connection = machine.durable.dataSource().getConnection()) {
                connection.setAutoCommit(false);
                for (int i = 0; i < 2; i++)
                    assertThat(machine.durable.dispatchIn(connection, new Resize("r-1", 9), JobOptions.none()))
                            .isEqualTo("r-1");
                assertThatThrownBy(
                                () -> machine.durable.dispatchIn(connection, new Resize("r-1", 8), JobOptions.none()))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("r-1");
                connection.commit();
                connection.setAutoCommit(true);
            }
        }
        try (var machine = Machine.front(store());
                var worker = Machine.front(store())) {
            machine.durable.register(Resize.class, "resize", 1, (job, context) -> {
                go.await();
                return job.width + " " + ran.incrementAndGet();
            });
            worker.durable.registerElsewhere(Resize.class, "resize", 1, Handling.standard());
            JobHandle<String> first = worker.durable.dispatch(new Resize("r-1", 9));
            JobHandle<String> second = worker.durable.dispatch(new Resize("r-1", 9));
            assertThat(second).isSameAs(first);
            worker.durable.cancel("r-1", "seen enough");
            assertThat(ending(first)).isEqualTo(new JobResult.Cancelled<>("seen enough"));
            go.countDown();
        }
    }

    private record Tagged(Set<String> tags) implements Job<String> {}

    @Test
    void theSameJobIsOneJobHoweverItsSetsAreOrdered() throws Exception {
        var id = JobOptions.builder().id("tagged").build();
        try (var first = Machine.front(store())) {
            first.durable.registerElsewhere(Tagged.class, "tagged", 1, Handling.standard());
            first.durable.dispatch(new Tagged(new LinkedHashSet<>(List.of("a", "b"))), id);
        }
        try (var next = Machine.front(store())) {
            next.durable.registerElsewhere(Tagged.class, "tagged", 1, Handling.standard());
            JobHandle<String> again = next.durable.dispatch(new Tagged(new LinkedHashSet<>(List.of("b", "a"))), id);
            assertThat(next.durable.cancel("tagged", "enough")).isTrue();
            assertThat(ending(again)).isEqualTo(new JobResult.Cancelled<>("enough"));
            assertThatThrownBy(() -> next.durable.dispatch(new Tagged(Set.of("c")), id))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("belongs to another durable job");
        }
    }

    @Test
    void anIdOrAKeyThatADatabaseWouldNotKeepIsRefused() {
        try (var machine = Machine.front(store())) {
            for (String odd : List.of("a\0b", "a\uD83D", "x".repeat(1_001), "\u00e4".repeat(501))) {
                for (var options : List.of(
                        JobOptions.builder().id(odd).build(),
                        JobOptions.builder().joinRunning(odd).build()))
                    assertThatThrownBy(() -> machine.durable.dispatch(new SendInvoice(1), options))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessageMatching("the (id|key) of a durable job (has at most|cannot have) .*");
            }
            var fits = "\u00e4 \uD83D\uDE80 '\"%_".repeat(80);
            JobHandle<String> handle = machine.durable.dispatch(
                    new SendInvoice(1),
                    JobOptions.builder().id(fits).joinRunning(fits).build());
            assertThat(machine.durable.jobs().find(fits).orElseThrow().key()).isEqualTo(fits);
            assertThat(handle.id()).isEqualTo(fits);
        }
    }

    private record PerCustomer(String customer) implements JobWithOptions<String> {
        @Override
        public JobOptions options() {
            Object key = customer.isEmpty() ? new Object() : customer;
            return JobOptions.builder().limitPerKey(key, RunLimit.of(1)).build();
        }
    }

    @Test
    void theKeyOfALimitIsATextToo() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "sent")) {
            machine.durable.register(PerCustomer.class, "per-customer", 1, (job, context) -> job.customer());
            assertThat(ending(machine.durable.dispatch(new PerCustomer("a")))).isEqualTo(new JobResult.Success<>("a"));
            assertThatThrownBy(() -> machine.durable.dispatch(new PerCustomer("")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("java.lang.Object");
        }
    }

    @Test
    void aDurableJobIsNoChildOfAnAttempt() throws Exception {
        try (var machine = Machine.worker(
                store(),
                (job, context) -> job.orderId() == 1
                        ? "child " + context.dispatch(new SendInvoice(2)).await(PATIENCE)
                        : "sent")) {
            assertThat(ending(machine.durable.dispatch(new SendInvoice(1))))
                    .isInstanceOfSatisfying(
                            JobResult.Failure.class,
                            failure -> assertThat(failure.error()).hasMessageContaining("durable.dispatch"));
            assertThat(machine.durable.jobs().find(JobFilter.all(), 10).jobs()).hasSize(1);
        }
    }

    @Test
    void whatIsClosedSaysSo() {
        var machine = Machine.front(store());
        machine.durable.close();
        assertThatThrownBy(() -> machine.durable.dispatch(new SendInvoice(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("this Durable is closed");
        machine.close();
    }

    @Test
    void aTokenIsNothingForATransaction() throws Exception {
        try (var machine = Machine.front(store());
                Connection connection = machine.durable.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            var options = JobOptions.builder().token(new CancellationToken()).build();
            assertThatThrownBy(() -> machine.durable.dispatchIn(connection, new SendInvoice(1), options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("token");
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    @Test
    void aConnectionToAnotherDatabaseIsNamed() throws Exception {
        try (var machine = Machine.front(store());
                Connection other = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            other.setAutoCommit(false);
            assertThatThrownBy(() -> machine.durable.dispatchIn(other, new SendInvoice(1), JobOptions.none()))
                    .isInstanceOfAny(DurableStoreException.class, IllegalArgumentException.class)
                    .hasMessageContaining("connection is");
        }
    }
}
