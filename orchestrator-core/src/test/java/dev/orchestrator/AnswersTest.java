package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Part;
import dev.orchestrator.TestWork.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** P2, P7, P9, P15: what methods answer when it is easily overlooked: the way to undo, whether this call decided, how many. */
class AnswersTest {
    private sealed interface Shape extends Job<String> permits Circle {}

    private record Circle() implements Shape {}

    private static final class Screen extends BaseOrchestrator<Integer> {
        final List<String> heard = new ArrayList<>();

        Screen(StillWorld world) {
            super(0, world.dispatcher, world.bus, Runnable::run);
            on(Load.class)
                    .cancelled((job, reason) -> heard.add("cancelled " + job.number() + ", " + reason))
                    .timedOut((job, limit) -> heard.add("timed out " + job.number() + ", " + limit));
        }
    }

    private final StillWorld world = new StillWorld();
    private final Dispatcher dispatcher = world.dispatcher;

    // ---- registering ----

    private void assertUndone(Supplier<Subscription> registration, Job<?> job) {
        var undo = registration.get();
        world.settled(dispatcher.dispatch(job));
        undo.close();
        assertThatThrownBy(() -> dispatcher.dispatch(job)).isInstanceOf(ExecutorNotFoundException.class);
    }

    private Dispatcher replacing() {
        dispatcher.register(Work.class, (job, context) -> "replaced");
        return dispatcher;
    }

    @Test
    void every_registration_can_be_undone() {
        JobOptions options = JobOptions.none();
        AsyncJobExecutor<Work, String> async = (job, context) -> CompletableFuture.completedFuture("done");
        assertUndone(() -> dispatcher.register(Work.class, (job, context) -> "done"), new Work(1));
        assertUndone(() -> dispatcher.register(Work.class, (job, context) -> "done", options), new Work(1));
        assertUndone(() -> dispatcher.registerAsync(Work.class, async), new Work(1));
        assertUndone(() -> dispatcher.registerAsync(Work.class, async, options), new Work(1));
        assertUndone(() -> dispatcher.registerFamily(Shape.class, (job, context) -> "done"), new Circle());
        assertUndone(() -> dispatcher.registerFamily(Shape.class, (job, context) -> "done", options), new Circle());
        assertUndone(() -> replacing().replace(Work.class, (job, context) -> "done"), new Work(1));
        assertUndone(() -> replacing().replace(Work.class, (job, context) -> "done", options), new Work(1));
        assertUndone(() -> replacing().replaceAsync(Work.class, async), new Work(1));
        assertUndone(() -> replacing().replaceAsync(Work.class, async, options), new Work(1));
    }

    @Test
    void every_interceptor_can_be_taken_away() {
        var attempts = new ArrayList<Integer>();
        JobInterceptor<Job<?>, Object> plain = call -> {
            attempts.add(call.attempt());
            assertThat(call.job()).isEqualTo(new Part(1));
            assertThat(call.context().isCancelled()).isFalse();
            return call.proceed();
        };
        AsyncJobInterceptor<Job<?>, Object> async = call -> {
            attempts.add(call.attempt());
            assertThat(call.job()).isEqualTo(new Part(1));
            assertThat(call.context().isCancelled()).isFalse();
            return call.proceed();
        };
        List<Subscription> all = List.of(
                dispatcher.intercept(Part.class, call -> {
                    attempts.add(call.attempt());
                    return call.proceed();
                }),
                dispatcher.interceptAsync(Part.class, call -> {
                    attempts.add(call.attempt());
                    return call.proceed();
                }),
                dispatcher.interceptFamily(Job.class, plain),
                dispatcher.interceptAll(plain),
                dispatcher.interceptAllAsync(async));
        dispatcher.register(Part.class, (job, context) -> "done");
        world.settled(dispatcher.dispatch(new Part(1)));
        assertThat(attempts).containsExactly(1, 1, 1, 1, 1);
        all.forEach(Subscription::close);
        world.settled(dispatcher.dispatch(new Part(2)));
        assertThat(attempts).hasSize(5);
    }

    @Test
    void every_subscription_with_information_can_be_closed() {
        var heard = new ArrayList<Happened>();
        var plain = world.bus.subscribeWithInfo(Happened.class, (event, info) -> heard.add(event));
        var async = world.bus.subscribeAsyncWithInfo(
                Happened.class, (event, info) -> heard.add(event), OverflowRule.block(10));
        world.bus.emit(new Happened(1));
        world.settle();
        assertThat(heard).hasSize(2);
        plain.close();
        async.close();
        world.bus.emit(new Happened(2));
        world.settle();
        assertThat(heard).hasSize(2);
    }

    // ---- stopping ----

    @Test
    void an_orchestrator_says_whether_its_call_decided_and_how_many_it_ended() {
        var screen = new Screen(world);
        screen.start();
        var first = world.settled(screen.dispatch(new Load(1)));
        world.settled(screen.dispatch(new Load(2)));
        world.settled(screen.dispatch(
                new Load(3), JobOptions.builder().timeout(Duration.ofSeconds(1)).build()));
        assertThat(screen.cancel(first.id())).isTrue();
        assertThat(screen.cancel(first.id(), "again")).isFalse();
        assertThat(screen.cancel("nobody")).isFalse();
        world.settle();
        world.pass(Duration.ofSeconds(1));
        assertThat(screen.cancelAll()).isOne();
        world.settle();
        assertThat(screen.cancelAll("again")).isZero();
        assertThat(screen.heard).hasSize(3);
        assertThat(screen.heard.get(0)).startsWith("cancelled 1, cancelled by its orchestrator Screen");
        assertThat(screen.heard.get(1)).isEqualTo("timed out 3, PT1S");
        assertThat(screen.heard.get(2)).startsWith("cancelled 2, ");
    }

    @Test
    void what_was_accepted_is_in_the_answer_of_tryDispatch() {
        var screen = new Screen(world);
        screen.start();
        Optional<JobHandle<String>> accepted = world.settled(screen.tryDispatch(new Load(1)));
        assertThat(accepted)
                .map(JobHandle::id)
                .hasValueSatisfying(id -> assertThat(screen.isRunning(id)).isTrue());
    }

    @Test
    void a_token_knows_that_it_was_cancelled() {
        var token = new CancellationToken();
        assertThat(token.isCancelled()).isFalse();
        assertThat(token.cancel("not wanted")).isTrue();
        assertThat(token.isCancelled()).isTrue();
        assertThat(token.cancel("again")).isFalse();
    }

    @Test
    void the_exception_of_a_time_limit_has_the_limit() {
        assertThat(new JobTimeoutException(Duration.ofSeconds(3)).limit()).isEqualTo(Duration.ofSeconds(3));
    }

    // ---- families ----

    @Test
    void a_parent_knows_its_children_until_they_are_over() {
        world.load(1);
        var parent = world.bus.runs().all().iterator().next();
        world.settled(world.context(1).dispatch(new Load(2)));
        world.settled(world.context(1).dispatch(new Load(3)));
        assertThat(parent.runningChildren()).hasSize(2);
        world.letGo(2);
        assertThat(parent.runningChildren()).hasSize(1);
        world.letGo(3);
        assertThat(parent.runningChildren()).isEmpty();
    }

    // ---- joining ----

    @Test
    void whoever_joined_is_asked_for_the_progress_of_the_work() {
        var screen = new Screen(world);
        screen.start();
        var join = JobOptions.builder().joinRunning("k").build();
        world.load(1, join);
        var joined = world.settled(screen.dispatch(new Load(2), join));
        world.context(1).progress(0.5);
        world.settle();
        assertThat(screen.progress(joined.id())).map(JobProgress::fraction).hasValue(0.5);
        world.letGo(1);
    }
}
