package dev.orchestrator.durable;

import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Event;
import dev.orchestrator.Job;
import dev.orchestrator.JobCancelledEvent;
import dev.orchestrator.JobFailureEvent;
import dev.orchestrator.JobProgressEvent;
import dev.orchestrator.JobRetryingEvent;
import dev.orchestrator.JobStartedEvent;
import dev.orchestrator.JobSuccessEvent;
import dev.orchestrator.JobTimeoutEvent;
import dev.orchestrator.SignalBus;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** An orchestrator with a stable name that writes down what its handlers are told, in order. */
class Invoices extends BaseOrchestrator<Integer> {
    /** A durable job; what is done for it is up to each test. */
    record SendInvoice(long orderId) implements Job<String> {}

    /** An event of that job. */
    record InvoicePrinted(long orderId, int page) implements Event {}

    private static final long PATIENCE_SECONDS = 30;

    final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    Invoices(Dispatcher dispatcher, SignalBus bus) {
        super(0, dispatcher, bus);
    }

    @Override
    public String name() {
        return "invoices";
    }

    /** The next thing that it is told. */
    String next() throws InterruptedException {
        String next = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) throw new AssertionError("nothing was told within " + PATIENCE_SECONDS + " s");
        return next;
    }

    /** What it is told from now on until it was told that; the last one included. */
    List<String> until(String last) throws InterruptedException {
        var all = new java.util.ArrayList<String>();
        do all.add(next());
        while (!all.getLast().equals(last));
        return all;
    }

    @Override
    protected void onActiveStarted(JobStartedEvent event) {
        told.add("started");
    }

    @Override
    protected void onActiveProgress(JobProgressEvent event) {
        told.add("progress " + event.progress().fraction());
    }

    @Override
    protected void onActiveRetrying(JobRetryingEvent event) {
        told.add("retrying " + event.attempt());
    }

    @Override
    protected void onActiveSuccess(JobSuccessEvent<?> event) {
        told.add("success " + event.data());
    }

    @Override
    protected void onActiveFailure(JobFailureEvent event) {
        told.add("failure " + event.error().getMessage());
    }

    @Override
    protected void onActiveCancelled(JobCancelledEvent event) {
        told.add("cancelled " + event.reason());
    }

    @Override
    protected void onActiveTimeout(JobTimeoutEvent event) {
        told.add("timed out " + event.limit());
    }

    @Override
    protected void onActiveEvent(Event event) {
        if (event instanceof InvoicePrinted(long order, int page)) told.add("printed " + order + "/" + page);
    }

    @Override
    protected void onPassiveEvent(Event event) {
        told.add("passive " + event.getClass().getSimpleName());
    }
}
