package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.testkit.Gate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who sees what: each event of an own job goes to one hook and to its handlers, and no failure stays unseen. */
class HooksTest {
    private sealed interface Transfer extends Job<String> permits Upload, Download {}

    private record Upload(String name) implements Transfer {}

    private record Download(String name) implements Transfer {}

    private record Failing(String name) implements Job<String> {}

    private record AlsoFailing() implements Job<String> {}

    private record Sleep(Gate gate) implements Job<String> {}

    private record TimingOut(Duration limit) implements Job<String> {}

    private record Parent() implements Job<String> {}

    private record Noticed(String what) implements Event {}

    private static final Duration LONG = Duration.ofSeconds(30); // how a broken test ends

    private static class Quiet extends BaseOrchestrator<Integer> {
        final List<String> seen = new CopyOnWriteArrayList<>();

        Quiet(Dispatcher dispatcher, SignalBus bus) {
            super(0, dispatcher, bus);
        }

        /** Keeps a line; the state is how many there are. */
        final void note(String line) {
            seen.add(line);
            update(count -> count + 1);
        }

        /** Others than the owner see an ending soon after its result is there, so a test waits for so many lines. */
        final void awaitLines(int count) {
            var enough = new CountDownLatch(1);
            Subscription subscription = onState(lines -> {
                if (lines >= count) enough.countDown();
            });
            Gate.await(enough, "there were never so many lines");
            subscription.close();
        }
    }

    /** Overrides every hook. */
    private static class Hooked extends Quiet {
        Hooked(Dispatcher dispatcher, SignalBus bus) {
            super(dispatcher, bus);
        }

        @Override
        protected void onActiveStarted(JobStartedEvent event) {
            note("hook started");
        }

        @Override
        protected void onActiveProgress(JobProgressEvent event) {
            note("hook progress " + event.fraction());
        }

        @Override
        protected void onActiveRetrying(JobRetryingEvent event) {
            note("hook retrying");
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            note("hook success " + event.data());
        }

        @Override
        protected void onActiveFailure(JobFailureEvent event) {
            note("hook failure " + event.error().getMessage());
        }

        @Override
        protected void onActiveCancelled(JobCancelledEvent event) {
            note("hook cancelled " + event.reason());
        }

        @Override
        protected void onActiveTimeout(JobTimeoutEvent event) {
            note("hook timeout " + event.limit());
        }

        @Override
        protected void onActiveEvent(Event event) {
            note("hook event " + event);
        }

        @Override
        protected void onPassiveEvent(Event event) {
            note("passive " + event.getClass().getSimpleName());
        }
    }

    private final SignalBus bus = SignalBus.scoped();
    private final Dispatcher dispatcher = Dispatcher.create(bus);

    {
        dispatcher.register(Transfer.class, (job, context) -> {
            context.progress(0.5);
            context.emit(new Noticed("halfway"));
            return job.toString();
        });
        dispatcher.register(Failing.class, (job, context) -> {
            throw new IOException("no such thing as " + job.name());
        });
        dispatcher.register(AlsoFailing.class, (job, context) -> {
            throw new IOException("neither");
        });
        dispatcher.register(Sleep.class, (job, context) -> job.gate().pass("woke up"));
        dispatcher.register(TimingOut.class, (job, context) -> {
            timeOut(context.jobId(), job.limit());
            return "too late";
        });
        dispatcher.register(Parent.class, (job, context) -> {
            context.dispatch(new Upload("of child")).await(LONG);
            return "done";
        });
    }

    /** As a timer will do it: nothing in the core ends a job by its time yet. */
    @SuppressWarnings("unchecked")
    private void timeOut(String id, Duration limit) {
        var run = (JobRun<Object>) bus.runs().find(id);
        if (run == null) throw new AssertionError("no such run");
        run.endEarly(new JobResult.TimedOut<>(limit));
    }

    @AfterEach
    void closeAll() {
        dispatcher.close();
        bus.close();
    }

    private String cancelled(BaseOrchestrator<?> orchestrator) throws Exception {
        var gate = new Gate();
        JobHandle<String> handle = orchestrator.dispatch(new Sleep(gate));
        gate.awaitArrival();
        handle.cancel("changed my mind");
        handle.await(LONG);
        return handle.id();
    }

    // ---- hooks and typed handlers ----

    @Test
    void each_event_of_an_own_job_goes_to_exactly_one_hook() throws Exception {
        try (var hooked = new Hooked(dispatcher, bus)) {
            hooked.dispatch(new Upload("a"));
            hooked.awaitIdle(LONG);
            assertThat(hooked.seen)
                    .containsExactly(
                            "hook started",
                            "hook progress 0.5",
                            "hook event Noticed[what=halfway]",
                            "hook success Upload[name=a]");
            hooked.seen.clear();
            hooked.dispatch(new Failing("b"));
            hooked.awaitIdle(LONG);
            assertThat(hooked.seen).containsExactly("hook started", "hook failure no such thing as b");
            hooked.seen.clear();
            cancelled(hooked);
            hooked.awaitIdle(LONG);
            assertThat(hooked.seen).containsExactly("hook started", "hook cancelled changed my mind");
            hooked.seen.clear();
            hooked.dispatch(new TimingOut(Duration.ofSeconds(3)));
            hooked.awaitIdle(LONG);
            assertThat(hooked.seen).containsExactly("hook started", "hook timeout PT3S");
        }
    }

    @Test
    void the_hook_comes_first_and_then_all_handlers_that_match_in_the_order_of_their_declaration() throws Exception {
        final class Ordered extends Hooked {
            Ordered() {
                super(dispatcher, bus);
                on(Transfer.class).success((job, result) -> note("1 family"));
                on(Upload.class).ended((job, result) -> note("2 ended")).success((job, result) -> note("3 success"));
                on(Download.class).success((job, result) -> note("never"));
                on(Upload.class).success((job, result) -> note("4 again"));
                on(Transfer.class).failure((job, error) -> note("never"));
                observe(JobSuccessEvent.class, event -> note("never"));
            }
        }
        try (var ordered = new Ordered()) {
            ordered.dispatch(new Upload("a"));
            ordered.awaitIdle(LONG);
            assertThat(ordered.seen)
                    .endsWith("hook success Upload[name=a]", "1 family", "2 ended", "3 success", "4 again")
                    .doesNotContain("never");
        }
    }

    @Test
    void each_turn_in_the_life_of_a_job_has_its_handler() throws Exception {
        final class Typed extends Quiet {
            Typed() {
                super(dispatcher, bus);
                on(Upload.class)
                        .started(job -> note("started " + job.name()))
                        .progress((job, progress) -> note("progress " + progress.fraction()))
                        .retrying((job, event) -> note("retrying"))
                        .success((job, result) -> note("success " + result));
                on(Failing.class).failure((job, error) -> note("failure " + error.getMessage()));
                on(Sleep.class).cancelled((job, reason) -> note("cancelled " + reason));
                on(TimingOut.class).timedOut((job, limit) -> note("timed out " + limit));
            }
        }
        try (var typed = new Typed()) {
            typed.dispatch(new Upload("a"));
            typed.awaitIdle(LONG);
            typed.dispatch(new Failing("b"));
            typed.awaitIdle(LONG);
            cancelled(typed);
            typed.awaitIdle(LONG);
            typed.dispatch(new TimingOut(Duration.ofSeconds(3)));
            typed.awaitIdle(LONG);
            assertThat(typed.seen)
                    .containsExactly(
                            "started a",
                            "progress 0.5",
                            "success Upload[name=a]",
                            "failure no such thing as b",
                            "cancelled changed my mind",
                            "timed out PT3S");
        }
    }

    @Test
    void ended_gets_every_ending_as_a_result() throws Exception {
        final class Ended extends Quiet {
            Ended() {
                super(dispatcher, bus);
                on(Upload.class).ended((job, result) -> note(told(result)));
                on(Failing.class).ended((job, result) -> note(told(result)));
                on(Sleep.class).ended((job, result) -> note(told(result)));
                on(TimingOut.class).ended((job, result) -> note(told(result)));
            }

            private static String told(JobResult<String> result) {
                return switch (result) {
                    case JobResult.Success<String>(String value) -> "success " + value;
                    case JobResult.Failure<String>(Throwable error) -> "failure " + error.getMessage();
                    case JobResult.Cancelled<String>(String reason) -> "cancelled " + reason;
                    case JobResult.TimedOut<String>(Duration limit) -> "timed out " + limit;
                };
            }
        }
        try (var log = new CapturedLog();
                var ended = new Ended()) {
            ended.dispatch(new Upload("a"));
            ended.awaitIdle(LONG);
            ended.dispatch(new Failing("b"));
            ended.awaitIdle(LONG);
            cancelled(ended);
            ended.awaitIdle(LONG);
            ended.dispatch(new TimingOut(Duration.ofSeconds(3)));
            ended.awaitIdle(LONG);
            assertThat(ended.seen)
                    .containsExactly(
                            "success Upload[name=a]",
                            "failure no such thing as b",
                            "cancelled changed my mind",
                            "timed out PT3S");
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void a_hook_or_handler_that_throws_keeps_no_other_from_being_called() throws Exception {
        final class Throwing extends Quiet {
            Throwing() {
                super(dispatcher, bus);
                on(Upload.class)
                        .success((job, result) -> {
                            throw new IllegalStateException("a handler's mistake");
                        })
                        .success((job, result) -> note("after the handler"));
            }

            @Override
            protected void onActiveSuccess(JobSuccessEvent<?> event) {
                throw new StackOverflowError("a hook's mistake");
            }
        }
        try (var log = new CapturedLog();
                var throwing = new Throwing()) {
            throwing.dispatch(new Upload("a"));
            throwing.awaitIdle(LONG);
            assertThat(throwing.seen).containsExactly("after the handler");
            assertThat(log.lines()).hasSize(2).allMatch(line -> line.text().contains("Throwing"));
            assertThat(log.lines().getFirst().text()).contains("hook", "StackOverflowError", "JobSuccessEvent");
            assertThat(log.lines().getLast().text()).contains("on(Upload).success", "IllegalStateException");
        }
    }

    // ---- what is handled by nobody ----

    @Test
    void a_failure_that_nobody_handles_is_logged_once_per_job_type() throws Exception {
        try (var log = new CapturedLog();
                var quiet = new Quiet(dispatcher, bus)) {
            for (int i = 0; i < 3; i++) quiet.dispatch(new Failing("a"));
            quiet.dispatch(new AlsoFailing());
            quiet.dispatch(new TimingOut(Duration.ofSeconds(3)));
            quiet.dispatch(new Upload("fine"));
            cancelled(quiet);
            quiet.awaitIdle(LONG);
            quiet.awaitIdle(LONG);
            assertThat(log.warnings()).hasSize(3).allMatch(text -> text.contains("orchestrator Quiet"));
            assertThat(log.warnings())
                    .satisfiesOnlyOnce(text -> assertThat(text).contains(Failing.class.getName(), "failed"))
                    .satisfiesOnlyOnce(text -> assertThat(text).contains(AlsoFailing.class.getName(), "failed"))
                    .satisfiesOnlyOnce(text -> assertThat(text).contains(TimingOut.class.getName(), "PT3S"));
        }
    }

    @Test
    void a_failure_that_a_hook_or_a_handler_takes_is_not_logged() throws Exception {
        final class Failed extends Quiet {
            Failed() {
                super(dispatcher, bus);
                on(Failing.class).failure((job, error) -> note("handled"));
            }
        }
        try (var log = new CapturedLog();
                var failed = new Failed();
                var hooked = new Hooked(dispatcher, bus)) {
            failed.dispatch(new Failing("a"));
            failed.awaitIdle(LONG);
            hooked.dispatch(new Failing("a"));
            hooked.dispatch(new TimingOut(LONG));
            hooked.awaitIdle(LONG);
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void a_handler_of_the_start_alone_does_not_hide_a_failure() throws Exception {
        final class Started extends Quiet {
            Started() {
                super(dispatcher, bus);
                on(Failing.class).started(job -> note("started"));
            }
        }
        try (var log = new CapturedLog();
                var started = new Started()) {
            started.dispatch(new Failing("a"));
            started.awaitIdle(LONG);
            assertThat(log.warnings()).hasSize(1);
        }
    }

    // ---- active and passive ----

    @Test
    void observe_success_takes_a_family_for_its_members() throws Exception {
        final class Family extends Quiet {
            Family() {
                super(dispatcher, bus);
                observeSuccess(Transfer.class, (job, result) -> note(result));
            }
        }
        try (var family = new Family()) {
            dispatcher.run(new Upload("a"));
            dispatcher.run(new Download("b"));
            dispatcher.run(new Parent());
            family.awaitLines(3);
            assertThat(family.seen)
                    .containsExactlyInAnyOrder("Upload[name=a]", "Download[name=b]", "Upload[name=of child]");
        }
    }

    @Test
    void an_own_event_of_a_job_is_active_for_its_owner_and_passive_for_the_others() throws Exception {
        try (var owner = new Hooked(dispatcher, bus);
                var other = new Hooked(dispatcher, bus)) {
            owner.dispatch(new Upload("a"));
            owner.awaitIdle(LONG);
            other.awaitLines(4);
            assertThat(owner.seen)
                    .contains("hook event Noticed[what=halfway]")
                    .noneMatch(line -> line.startsWith("passive"));
            assertThat(other.seen)
                    .containsExactly(
                            "passive JobStartedEvent",
                            "passive JobProgressEvent",
                            "passive Noticed",
                            "passive JobSuccessEvent");
        }
    }

    @Test
    void the_events_of_a_child_are_active_for_the_owner_of_its_parent() throws Exception {
        final class Owner extends Quiet {
            Owner() {
                super(dispatcher, bus);
                on(Parent.class).success((job, result) -> note("parent"));
                on(Upload.class).success((job, result) -> note("child"));
                observe(JobEvent.class, event -> note("passive"));
            }
        }
        try (var owner = new Owner()) {
            owner.dispatch(new Parent());
            owner.awaitIdle(LONG);
            assertThat(owner.seen).containsExactly("child", "parent");
        }
    }

    @Test
    void the_progress_of_an_own_job_can_be_asked_for_while_it_runs() throws Exception {
        record Slow(Gate gate) implements Job<String> {}
        dispatcher.register(Slow.class, (job, context) -> {
            context.progress(JobProgress.step(3, 4).withMessage("nearly"));
            context.progress(0.5);
            return job.gate().pass("done");
        });
        try (var owner = new Quiet(dispatcher, bus);
                var other = new Quiet(dispatcher, bus)) {
            var gate = new Gate();
            JobHandle<String> handle = owner.dispatch(new Slow(gate));
            gate.awaitArrival();
            assertThat(owner.progress(handle.id()))
                    .hasValue(JobProgress.step(3, 4).withMessage("nearly"));
            assertThat(other.progress(handle.id())).isEmpty();
            assertThat(owner.isRunning(Slow.class)).isTrue();
            assertThat(owner.isRunning(Job.class)).isTrue();
            assertThat(owner.isRunning(Upload.class)).isFalse();
            assertThat(other.isRunning(handle.id())).isFalse();
            gate.open();
            owner.awaitIdle(LONG);
            assertThat(owner.progress(handle.id())).isEmpty();
            assertThat(owner.isRunning(handle.id())).isFalse();
        }
    }

    @Test
    void inside_the_hook_of_its_only_job_an_orchestrator_has_no_active_job_and_the_id_is_free() throws Exception {
        final class Named extends BaseJob<String> {
            Named() {
                super("the only one");
            }
        }
        dispatcher.register(Named.class, (job, context) -> "done");
        final class Again extends Quiet {
            Again() {
                super(dispatcher, bus);
            }

            @Override
            protected void onActiveSuccess(JobSuccessEvent<?> event) {
                note("active: " + hasActiveJobs() + ", running: " + isRunning("the only one"));
                if (seen.size() < 3) dispatch(new Named());
            }
        }
        try (var again = new Again()) {
            again.dispatch(new Named());
            again.awaitIdle(LONG);
            String nothing = "active: false, running: false";
            assertThat(again.seen).containsExactly(nothing, nothing, nothing);
        }
    }
}
