package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.JobHandle;
import dev.orchestrator.JobOptions;
import dev.orchestrator.JobProgress;
import dev.orchestrator.JobResult;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.RetryPolicy;
import dev.orchestrator.SignalBus;
import dev.orchestrator.durable.Invoices.InvoicePrinted;
import dev.orchestrator.durable.Invoices.SendInvoice;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** P2, P4 for durable jobs on every database: events come to the owner, also after a restart and from other machines. */
@SuppressWarnings("try") // a machine is there to be there
abstract class OwnershipBehaviour extends DurableTesting {
    @Test
    void aJobIsDoneAndItsOwnerIsTold() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "invoice " + job.orderId());
                var invoices = machine.invoices()) {
            invoices.dispatch(new SendInvoice(7));

            assertThat(invoices.next()).isEqualTo("started");
            assertThat(invoices.next()).isEqualTo("success invoice 7");
            invoices.awaitIdle(PATIENCE);
        }
    }

    @Test
    void anotherMachineDoesItAndTheOwnerIsToldInOrder() throws Exception {
        try (var front = Machine.front(store());
                var invoices = front.invoices();
                var worker = Machine.worker(store(), (job, context) -> {
                    context.emit(new InvoicePrinted(job.orderId(), 1));
                    context.emit(new InvoicePrinted(job.orderId(), 2));
                    return "sent";
                })) {
            invoices.dispatch(new SendInvoice(3));

            List<String> told = invoices.until("success sent");
            told.remove("started"); // news of what has ended by now says so late, or not at all
            assertThat(told).containsExactly("printed 3/1", "printed 3/2", "success sent");
            assertThat(worker.durable.jobs().counts(JobFilter.all())).containsEntry(JobState.SUCCEEDED, 1L);
        }
    }

    @Test
    void progressOnAnotherMachineIsSeenByTheOwner() throws Exception {
        var seen = new CountDownLatch(1);
        try (var front = Machine.front(store());
                var invoices = front.invoices();
                var worker = Machine.worker(store(), (job, context) -> {
                    context.progress(JobProgress.of(0.5));
                    await(seen);
                    return "sent";
                })) {
            invoices.dispatch(new SendInvoice(9));

            assertThat(invoices.until("progress 0.5")).endsWith("progress 0.5");
            seen.countDown();
            assertThat(invoices.until("success sent")).containsExactly("success sent");
        }
    }

    @Test
    void anOrchestratorTakesItsJobsUpAgainAfterARestart() throws Exception {
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            for (int order = 1; order <= 3; order++) invoices.dispatch(new SendInvoice(order));
        }
        var go = new CountDownLatch(1);
        try (var again = Machine.worker(store(), (job, context) -> {
                    go.await();
                    return "invoice " + job.orderId();
                });
                var invoices = again.invoices()) {
            again.durable.takeUp(invoices);
            assertThat(invoices.hasActiveJobs()).isTrue();
            go.countDown();

            invoices.awaitIdle(PATIENCE);
            assertThat(invoices.told)
                    .filteredOn(told -> !told.equals("started"))
                    .containsExactlyInAnyOrder("success invoice 1", "success invoice 2", "success invoice 3");
        }
    }

    @Test
    void endingsThatWereMissedAreToldOnceAsActiveOnes() throws Exception {
        String id;
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            id = invoices.dispatch(new SendInvoice(5)).id();
        }
        try (var worker = Machine.worker(store(), (job, context) -> "sent while nobody listened")) {
            awaitState(worker, id, JobState.SUCCEEDED);
        }
        try (var second = Machine.front(store());
                var invoices = second.invoices()) {
            second.durable.takeUp(invoices);
            assertThat(invoices.until("success sent while nobody listened")).doesNotContain("passive JobSuccessEvent");
            invoices.awaitIdle(PATIENCE);
        }
        try (var third = Machine.front(store());
                var invoices = third.invoices()) {
            third.durable.takeUp(invoices);
            assertThat(invoices.hasActiveJobs()).isFalse();
            assertThat(invoices.told).isEmpty();
        }
    }

    @Test
    void anEndingThatComesAfterItsOwnerWasClosedIsToldToTheNextLife() throws Exception {
        try (var front = Machine.front(store())) {
            JobHandle<String> handle;
            try (var invoices = front.invoices()) {
                handle = invoices.dispatch(new SendInvoice(1));
            }
            try (var worker = Machine.worker(store(), (job, context) -> "sent")) {
                assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("sent"));
            }
            try (var invoices = front.invoices()) {
                front.durable.takeUp(invoices);
                invoices.until("success sent");
            }
        }
    }

    @Test
    void theNextLifeOfAClosedOwnerOwnsWhatIsUnderWayInTheSameProcess() throws Exception {
        var go = new CountDownLatch(1);
        try (var machine = Machine.worker(store(), (job, context) -> {
            context.emit(new InvoicePrinted(job.orderId(), 1));
            go.await();
            return "sent";
        })) {
            try (var invoices = machine.invoices()) {
                machine.durable.takeUp(invoices);
                invoices.dispatch(new SendInvoice(1));
                invoices.until("printed 1/1");
            }
            try (var invoices = machine.invoices()) {
                machine.durable.takeUp(invoices);
                assertThat(invoices.hasActiveJobs()).isTrue();
                invoices.until("printed 1/1"); // its state begins anew
                go.countDown();
                assertThat(invoices.until("success sent")).containsExactly("success sent");
            }
        }
    }

    @Test
    void whoIsClosedTakesNothingUp() {
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            invoices.close();
            assertThatThrownBy(() -> front.durable.takeUp(invoices))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("invoices is closed");
        }
    }

    @Test
    void aRowThatIsNoneKeepsNobodyFromBeingTold() throws Exception {
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            String broken = invoices.dispatch(new SendInvoice(1)).id();
            try (Connection connection = front.durable.dataSource().getConnection();
                    var update = connection.prepareStatement(
                            "update orch_job set state = 'no state', news = news + 1 where id = ?")) {
                update.setString(1, broken);
                assertThat(update.executeUpdate()).isEqualTo(1);
            }
            assertThat(front.durable.jobs().find(broken).orElseThrow().state()).isEqualTo(JobState.PARKED);
            invoices.dispatch(new SendInvoice(2));
            try (var worker = Machine.worker(store(), (job, context) -> "invoice " + job.orderId())) {
                invoices.until("success invoice 2");
            }
        }
    }

    @Test
    void anOrchestratorOfAnotherDispatcherGetsNothingAndKeepsNobodyFromBeingTold() throws Exception {
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            invoices.dispatch(new SendInvoice(1));
        }
        try (var bus = SignalBus.scoped();
                var another = Dispatcher.create(bus);
                var stranger = new Invoices(another, bus);
                var front = Machine.front(store());
                var worker = Machine.worker(store(), (job, context) -> "invoice " + job.orderId())) {
            front.durable.takeUp(stranger);
            assertThat(stranger.hasActiveJobs()).isFalse();
            assertThat(ending(front.durable.dispatch(new SendInvoice(2))))
                    .isEqualTo(new JobResult.Success<>("invoice 2"));
        }
    }

    @Test
    void aRetryElsewhereSaysHowManyAttemptsThereAre() throws Exception {
        var retry = Handling.standard()
                .options(JobOptions.builder()
                        .retry(RetryPolicy.fixed(3, Duration.ofMillis(500)))
                        .build());
        var told = new LinkedBlockingQueue<String>();
        try (var front = Machine.front(store(), retry);
                var worker = Machine.worker(
                        store(),
                        (job, context) -> {
                            if (context.attempt() == 1) throw new IllegalStateException("once");
                            return "sent";
                        },
                        retry)) {
            front.bus.subscribe(JobRetryingEvent.class, event -> told.add(event.attempt() + " of " + event.limit()));
            assertThat(ending(front.durable.dispatch(new SendInvoice(1)))).isEqualTo(new JobResult.Success<>("sent"));
        }
        assertThat(told).containsExactly("1 of 3");
    }

    @Test
    void aDeadLetterIsEditedAndTriedAgainForItsOwner() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> {
                    if (job.orderId() < 0) throw new IllegalArgumentException("no such order");
                    return "invoice " + job.orderId();
                });
                var invoices = machine.invoices()) {
            machine.durable.takeUp(invoices);
            String id = invoices.dispatch(new SendInvoice(-1)).id();
            invoices.until("failure no such order");

            DeadLetters letters = machine.durable.deadLetters();
            assertThat(letters.edit(id, 1, "{\"orderId\":1}", "anna")).isTrue();
            String another = letters.retry(id, "anna").orElseThrow();
            invoices.until("success invoice 1");

            assertThat(machine.durable.jobs().find(another).orElseThrow().retryOf())
                    .isEqualTo(id);
            assertThat(machine.durable.jobs().find(id).orElseThrow().state()).isEqualTo(JobState.FAILED);
            assertThat(letters.actions(id)).extracting(RecordedAction::what).containsExactly("edit", "retry");
            assertThat(letters.list(JobFilter.all(), 0, 10).jobs()).isEmpty();
        }
    }

    @Test
    void whoDispatchesTheSameIdAfterARestartIsToldOnce() throws Exception {
        var id = JobOptions.builder().id("order-1").build();
        try (var front = Machine.front(store());
                var invoices = front.invoices()) {
            invoices.dispatch(new SendInvoice(1), id);
        }
        var go = new CountDownLatch(1);
        try (var again = Machine.worker(store(), (job, context) -> {
                    go.await();
                    return "sent";
                });
                var invoices = again.invoices()) {
            invoices.dispatch(new SendInvoice(1), id);
            go.countDown();
            invoices.until("success sent");
            invoices.awaitIdle(PATIENCE);
        }
        try (var third = Machine.front(store());
                var invoices = third.invoices()) {
            third.durable.takeUp(invoices);
            assertThat(invoices.hasActiveJobs()).isFalse();
            assertThat(invoices.told).isEmpty();
        }
    }

    @Test
    void anEndingIsAcknowledgedInTheHandlersOwnTransaction() throws Exception {
        try (var machine = Machine.worker(store(), (job, context) -> "sent");
                var invoices = machine.invoices()) {
            var seen = new java.util.concurrent.LinkedBlockingQueue<Boolean>();
            machine.bus.subscribe(dev.orchestrator.JobSuccessEvent.class, event -> {
                try (Connection connection = machine.durable.dataSource().getConnection()) {
                    connection.setAutoCommit(false);
                    seen.add(machine.durable.acknowledge(connection, event.correlationId()));
                    seen.add(machine.durable.acknowledge(connection, event.correlationId()));
                    connection.commit();
                    connection.setAutoCommit(true);
                } catch (java.sql.SQLException trouble) {
                    throw new IllegalStateException(trouble);
                }
            });
            invoices.dispatch(new SendInvoice(1));
            assertThat(seen.poll(30, TimeUnit.SECONDS)).isNotNull();
            assertThat(seen.poll(30, TimeUnit.SECONDS)).isFalse();
        }
    }
}
