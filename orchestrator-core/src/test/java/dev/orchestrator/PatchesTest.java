package dev.orchestrator;

import static dev.orchestrator.StillWorld.ending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.StillWorld.Store;
import dev.orchestrator.TestWork.Happened;
import dev.orchestrator.TestWork.Named;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * "Optimistic updates: apply(patch) now, confirmed by the job's success, undone by its failure, timeout or cancellation;
 * several overlapping patches in any order of their endings leave what the confirmed ones would have given."
 */
class PatchesTest {
    private record Desk(Optimistic<String> title, Optimistic<Integer> stars, String draft) {
        Desk withTitle(Optimistic<String> next) {
            return new Desk(next, stars, draft);
        }

        Desk withStars(Optimistic<Integer> next) {
            return new Desk(title, next, draft);
        }

        Desk withDraft(String next) {
            return new Desk(title, stars, next);
        }
    }

    private static final Desk FIRST = new Desk(Optimistic.of(""), Optimistic.of(0), "");

    private static UnaryOperator<String> add(String text) {
        return before -> before + text;
    }

    private static final class Clerk extends BaseOrchestrator<Desk> {
        final Patches<String> title = patches(Desk::title, Desk::withTitle);
        final Patches<Integer> stars = patches(Desk::stars, Desk::withStars);
        final List<String> seen = new ArrayList<>(); // what each hook and handler found

        Clerk(StillWorld world, ManualLane lane) {
            super(FIRST, world.dispatcher, world.bus, lane);
            keepHistory(20);
            on(Load.class).ended((job, result) -> note("handler"));
            observe(Happened.class, event -> title.apply(add("h"), new Load(event.number())));
        }

        private void note(String who) {
            Optimistic<String> now = state().title();
            seen.add(who + " " + now.value() + (now.isPending() ? " pending" : ""));
        }

        @Override
        protected void onActiveSuccess(JobSuccessEvent<?> event) {
            note("hook");
        }

        @Override
        protected void onActiveFailure(JobFailureEvent event) {
            note("hook");
        }

        @Override
        protected void onActiveCancelled(JobCancelledEvent event) {
            note("hook");
        }

        @Override
        protected void onActiveTimeout(JobTimeoutEvent event) {
            note("hook");
        }

        JobHandle<String> rename(int job, String text) {
            return title.apply(add(text), new Load(job));
        }

        void fetched(String fresh) {
            update(desk -> desk.withTitle(desk.title().rebase(fresh)));
        }

        void write(String draft) {
            update(desk -> desk.withDraft(draft));
        }

        boolean back() {
            return undo();
        }

        boolean forward() {
            return redo();
        }

        void patchLate() {
            patches(Desk::title, Desk::withTitle);
        }
    }

    private final StillWorld world = new StillWorld();
    private final ManualLane lane = new ManualLane();
    private final Clerk clerk = new Clerk(world, lane);

    private void settle() {
        world.settle();
        lane.runAll();
        world.settle();
    }

    private JobHandle<String> rename(int job, String text) {
        var handle = clerk.rename(job, text);
        settle();
        return handle;
    }

    private void letGo(int job) {
        world.letGo(job);
        settle();
    }

    private void letFail(int job) {
        world.letFail(job, new IOException("no line"));
        settle();
    }

    private Optimistic<String> title() {
        return clerk.state().title();
    }

    // ---- the endings ----

    @Test
    void a_patch_shows_before_its_job_has_begun() {
        var handle = clerk.rename(1, "a");
        assertThat(world.begun).isEmpty();
        assertThat(title().value()).isEqualTo("a");
        assertThat(title().pending()).containsExactly(handle.id());
    }

    @Test
    void a_success_confirms_it() {
        rename(1, "a");
        letGo(1);
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void a_failure_undoes_it() {
        rename(1, "a");
        letFail(1);
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    @Test
    void a_cancellation_undoes_it() {
        clerk.cancel(rename(1, "a").id());
        settle();
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    @Test
    void a_time_limit_undoes_it() {
        var limit = Duration.ofSeconds(5);
        clerk.title.apply(
                add("a"), new Load(1), JobOptions.builder().timeout(limit).build());
        settle();
        assertThat(title().value()).isEqualTo("a");
        world.pass(limit);
        settle();
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    @Test
    void hooks_and_handlers_see_the_settled_state() {
        rename(1, "a");
        letGo(1);
        rename(2, "b");
        letFail(2);
        clerk.cancel(rename(3, "c").id());
        settle();
        assertThat(clerk.seen).containsExactly("hook a", "handler a", "hook a", "handler a", "hook a", "handler a");
    }

    @Test
    void a_retry_is_no_ending() {
        var twice = JobOptions.builder()
                .retry(RetryPolicy.fixed(2, Duration.ofSeconds(1)))
                .build();
        clerk.title.apply(add("a"), new Load(1), twice);
        settle();
        letFail(1);
        assertThat(title().isPending()).isTrue();
        world.pass(Duration.ofSeconds(1));
        letGo(1);
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void a_job_that_ends_before_apply_returns_settles_its_patch() {
        record Quick() implements Job<String> {}
        world.dispatcher.register(
                Quick.class,
                (job, context) -> "done",
                JobOptions.builder().worker(Runnable::run).build());
        var handle = clerk.title.apply(add("a"), new Quick());
        assertThat(ending(handle)).isEqualTo(new JobResult.Success<>("done"));
        settle();
        assertThat(title()).isEqualTo(Optimistic.of("a"));
        assertThat(clerk.countFollowed()).isZero();
    }

    @Test
    void a_job_that_is_cancelled_as_it_is_dispatched_takes_its_patch_with_it() {
        var token = new CancellationToken();
        token.cancel("too late");
        clerk.title.apply(
                add("a"), new Load(1), JobOptions.builder().token(token).build());
        settle();
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    // ---- several ----

    @Test
    void patches_that_overlap_leave_what_the_confirmed_ones_give() {
        rename(1, "a");
        rename(2, "b");
        rename(3, "c");
        letGo(2);
        assertThat(title().value()).isEqualTo("abc");
        letFail(1);
        assertThat(title().value()).isEqualTo("bc");
        letGo(3);
        assertThat(title()).isEqualTo(Optimistic.of("bc"));
    }

    @Test
    void each_field_has_its_own() {
        rename(1, "a");
        clerk.stars.apply(before -> before + 1, new Store(2));
        settle();
        letFail(1);
        assertThat(title()).isEqualTo(Optimistic.of(""));
        assertThat(clerk.state().stars().value()).isEqualTo(1);
        letGo(2);
        assertThat(clerk.state().stars()).isEqualTo(Optimistic.of(1));
    }

    @Test
    void a_fetch_keeps_what_is_pending_on_top() {
        rename(1, "a");
        rename(2, "b");
        letGo(2);
        clerk.fetched("B");
        assertThat(title().value()).isEqualTo("Ba");
        letFail(1);
        assertThat(title()).isEqualTo(Optimistic.of("B"));
    }

    @Test
    void those_who_join_have_a_patch_each() {
        var joining = JobOptions.builder().joinRunning("title").build();
        clerk.title.apply(add("a"), new Load(1), joining);
        var second = clerk.title.apply(add("b"), new Load(2), joining);
        settle();
        clerk.cancel(second.id());
        settle();
        assertThat(title().value()).isEqualTo("a");
        letGo(1);
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void one_that_is_replaced_takes_its_patch_with_it() {
        var newest = JobOptions.builder().replaceRunning("title").build();
        clerk.title.apply(add("a"), new Load(1), newest);
        settle();
        clerk.title.apply(add("b"), new Load(2), newest);
        settle();
        assertThat(title().value()).isEqualTo("b");
        letGo(2);
        assertThat(title()).isEqualTo(Optimistic.of("b"));
    }

    @Test
    void a_family_of_random_endings_leaves_what_the_confirmed_ones_give() {
        for (int seed = 0; seed < 300; seed++) {
            var random = new Random(seed);
            var still = new StillWorld();
            var turns = new ManualLane();
            var one = new Clerk(still, turns);
            var expected = new TreeMap<Integer, String>();
            var open = new ArrayList<JobHandle<String>>();
            var numbers = new ArrayList<Integer>();
            for (int step = 0, next = 0; step < 30 || !open.isEmpty(); step++) {
                if (step < 30 && random.nextBoolean()) {
                    int job = next++;
                    open.add(one.rename(job, "<" + job + ">"));
                    numbers.add(job);
                    expected.put(job, "<" + job + ">");
                } else if (!open.isEmpty()) {
                    still.settle(); // all are inside
                    int at = random.nextInt(open.size());
                    var handle = open.remove(at);
                    int job = numbers.remove(at);
                    int how = random.nextInt(3);
                    if (how == 0) still.letGo(job);
                    else expected.remove(job);
                    if (how == 1) still.letFail(job, new IOException("no line"));
                    if (how == 2) one.cancel(handle.id());
                }
                if (random.nextBoolean()) {
                    still.settle();
                    turns.runAll();
                    assertThat(one.state().title().value())
                            .as("seed %d", seed)
                            .isEqualTo(String.join("", expected.values()));
                }
            }
            still.settle();
            turns.runAll();
            assertThat(one.state().title())
                    .as("seed %d", seed)
                    .isEqualTo(Optimistic.of(String.join("", expected.values())));
            assertThat(one.countFollowed()).isZero();
            one.close();
        }
    }

    @Test
    void updates_of_many_threads_lose_no_patch() throws Exception {
        int threads = 4;
        int each = 500;
        var bus = SignalBus.scoped();
        try (var dispatcher = Dispatcher.create(bus)) {
            record Count(boolean fails) implements Job<Integer> {}
            dispatcher.register(Count.class, (job, context) -> {
                if (job.fails) throw new IOException("on purpose");
                return 1;
            });
            final class Counter extends BaseOrchestrator<Optimistic<Integer>> {
                private final Patches<Integer> count = patches(state -> state, (state, next) -> next);

                Counter() {
                    super(Optimistic.of(0), dispatcher, bus);
                    on(Count.class).failure((job, error) -> {});
                }

                void count(boolean fails) {
                    count.apply(before -> before + (fails ? 1_000_000 : 1), new Count(fails));
                }
            }
            var counter = new Counter();
            Together.onThreads(threads, thread -> {
                for (int i = 0; i < each; i++) counter.count(i % 3 == 0);
            });
            counter.awaitIdle(TestWork.LIMIT);
            int failing = (each + 2) / 3;
            assertThat(counter.state()).isEqualTo(Optimistic.of(threads * (each - failing)));
            assertThat(counter.countFollowed()).isZero();
            counter.close();
        }
        bus.close();
    }

    // ---- refusals ----

    @Test
    void a_refusal_takes_the_patch_back() {
        record Unknown() implements Job<String> {}
        assertThatThrownBy(() -> clerk.title.apply(add("a"), new Unknown()))
                .isInstanceOf(ExecutorNotFoundException.class);
        assertThat(clerk.state()).isEqualTo(FIRST);
        var once = JobOptions.builder().dropIfRunning("title").build();
        clerk.title.apply(add("a"), new Load(1), once);
        settle();
        assertThatThrownBy(() -> clerk.title.apply(add("b"), new Load(2), once))
                .isInstanceOf(JobRejectedException.class);
        assertThat(title().value()).isEqualTo("a");
        assertThat(clerk.countFollowed()).isEqualTo(1);
        letGo(1);
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void an_id_in_flight_is_refused_and_the_first_patch_stays() {
        var named = JobOptions.builder().id("rename").build();
        clerk.title.apply(add("a"), new Load(1), named);
        settle();
        assertThatThrownBy(() -> clerk.title.apply(add("b"), new Load(2), named))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rename");
        assertThat(title().value()).isEqualTo("a");
        letGo(1);
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void an_id_may_come_again_though_its_last_ending_was_not_handled() {
        var named = JobOptions.builder().id("rename").build();
        clerk.title.apply(add("a"), new Load(1), named);
        world.settle();
        world.letFail(1, new IOException("no line")); // told, and waiting for the lane
        clerk.title.apply(add("b"), new Load(2), named);
        world.settle();
        world.letGo(2);
        assertThat(title().value()).isEqualTo("ab");
        settle();
        assertThat(title()).isEqualTo(Optimistic.of("b"));
    }

    @Test
    void a_job_with_an_id_of_its_own_keeps_it() {
        world.dispatcher.register(Named.class, (job, context) -> "done");
        var handle = clerk.title.apply(add("a"), new Named("mine"));
        assertThat(title().pending()).containsExactly("mine");
        assertThat(handle.id()).isEqualTo("mine");
        settle();
        assertThat(title()).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void what_a_patch_throws_is_thrown_and_nothing_is_dispatched() {
        assertThatThrownBy(() -> clerk.title.apply(
                        before -> {
                            throw new IllegalStateException("on purpose");
                        },
                        new Load(1)))
                .hasMessage("on purpose");
        settle();
        assertThat(world.begun).isEmpty();
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    @Test
    void one_that_throws_when_it_is_applied_again_is_told_and_breaks_nothing() throws Exception {
        var told = new ArrayList<String>();
        var bus = SignalBus.builder()
                .time(world.time)
                .threads(world.threads)
                .errorHandler((error, handler, event) -> told.add(error.getMessage() + " by " + handler))
                .build();
        try (var log = new CapturedLog();
                var dispatcher = Dispatcher.create(bus)) {
            var fails = new AtomicInteger();
            record Fix(boolean fails) implements Job<String> {}
            dispatcher.register(Fix.class, (job, context) -> {
                if (job.fails) throw new IOException("no line");
                return "done";
            });
            final class Editor extends BaseOrchestrator<Optimistic<String>> {
                private final Patches<String> text = patches(state -> state, (state, next) -> next);

                Editor() {
                    super(Optimistic.of(""), dispatcher, bus, lane);
                    on(Fix.class).failure((job, error) -> fails.incrementAndGet());
                }
            }
            var editor = new Editor();
            editor.text.apply(add("a"), new Fix(true));
            editor.text.apply(
                    before -> {
                        if (!before.startsWith("a")) throw new IllegalStateException("no a");
                        return before + "b";
                    },
                    new Fix(false));
            editor.text.apply(add("c"), new Fix(false));
            assertThat(editor.state().value()).isEqualTo("abc");
            settle();
            assertThat(editor.state()).isEqualTo(Optimistic.of("c"));
            assertThat(told)
                    .containsExactly(
                            "no a by a patch that was applied again, and is left out now, of orchestrator Editor");
            assertThat(fails).hasValue(1);
            assertThat(log.lines()).isNotEmpty();
            editor.close();
        }
    }

    @Test
    void a_field_that_cannot_be_set_is_told_and_the_hooks_are_called_all_the_same() throws Exception {
        final class Strict extends BaseOrchestrator<Optimistic<String>> {
            private final Patches<String> text = patches(state -> state, (state, next) -> {
                if (!next.isPending()) throw new IllegalStateException("on purpose");
                return next;
            });
            private int successes;

            Strict() {
                super(Optimistic.of(""), world.dispatcher, world.bus, lane);
            }

            @Override
            protected void onActiveSuccess(JobSuccessEvent<?> event) {
                successes++;
            }
        }
        try (var log = new CapturedLog()) {
            var strict = new Strict();
            strict.text.apply(add("a"), new Load(1));
            settle();
            letGo(1);
            assertThat(strict.successes).isEqualTo(1);
            assertThat(log.lines()).anyMatch(line -> line.text().contains("the patched field of orchestrator Strict"));
        }
    }

    /** Refuses to be undone, or lets another change come first, as the test wishes. */
    private static final class Hindered extends BaseOrchestrator<Optimistic<String>> {
        private final Patches<String> text = patches(state -> state, this::with);
        private UnaryOperator<Optimistic<String>> meanwhile = next -> next;
        private int withers;

        Hindered(SignalBus bus, Dispatcher dispatcher, ManualLane lane) {
            super(Optimistic.of(""), dispatcher, bus, lane);
            on(Load.class).failure((job, error) -> {});
        }

        private Optimistic<String> with(Optimistic<String> before, Optimistic<String> next) {
            withers++;
            return meanwhile.apply(next);
        }

        void change(UnaryOperator<Optimistic<String>> change) {
            update(change);
        }
    }

    @Test
    void a_refusal_is_thrown_though_the_patch_cannot_be_taken_back() {
        record Unknown() implements Job<String> {}
        var hindered = new Hindered(world.bus, world.dispatcher, lane);
        hindered.meanwhile = next -> {
            if (!next.isPending()) throw new IllegalStateException("on purpose");
            return next;
        };
        assertThatThrownBy(() -> hindered.text.apply(add("a"), new Unknown()))
                .isInstanceOf(ExecutorNotFoundException.class)
                .satisfies(refused -> assertThat(refused.getSuppressed())
                        .singleElement()
                        .asString()
                        .contains("on purpose"));
    }

    @Test
    void what_somebody_else_has_settled_is_no_change() {
        var hindered = new Hindered(world.bus, world.dispatcher, lane);
        var handle = hindered.text.apply(add("a"), new Load(1));
        settle();
        hindered.change(state -> state.confirm(handle.id()));
        var before = hindered.state();
        letGo(1);
        assertThat(hindered.state()).isSameAs(before);
        assertThat(hindered.withers).as("the state was set once, by the patch").isEqualTo(1);
    }

    @Test
    void what_a_patch_throws_again_is_told_once_however_often_it_is_called() throws Exception {
        var told = new ArrayList<String>();
        var bus = SignalBus.builder()
                .time(world.time)
                .threads(world.threads)
                .errorHandler((error, handler, event) -> told.add(error.getMessage()))
                .build();
        try (var log = new CapturedLog();
                var dispatcher = Dispatcher.create(bus)) {
            dispatcher.registerAsync(
                    Load.class, (job, context) -> CompletableFuture.failedStage(new IOException("no line")));
            var hindered = new Hindered(bus, dispatcher, lane);
            hindered.text.apply(add("a"), new Load(1));
            hindered.text.apply(add("b"), new Load(2));
            hindered.change(state -> state.apply("own", before -> {
                if (!before.startsWith("ab")) throw new IllegalStateException("no ab");
                return before + "!";
            }));
            hindered.meanwhile = next -> { // another change comes first, once
                hindered.meanwhile = same -> same;
                hindered.change(state -> state.apply("other", add("?")));
                return next;
            };
            settle();
            assertThat(hindered.state().value()).isEqualTo("?");
            assertThat(told).containsExactly("no ab");
            assertThat(log.lines()).hasSize(1);
        }
    }

    @Test
    void a_field_that_is_null_is_told_how_to_begin() {
        record Empty(Optimistic<String> text) {}
        final class Odd extends BaseOrchestrator<Empty> {
            private final Patches<String> text = patches(Empty::text, (state, next) -> new Empty(next));

            Odd() {
                super(new Empty(null), world.dispatcher, world.bus, lane);
            }
        }
        var odd = new Odd();
        assertThatThrownBy(() -> odd.text.apply(add("a"), new Load(1)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the patched field of the state is null; begin with Optimistic.of(...)");
    }

    @Test
    void nulls_are_refused_and_so_is_a_late_declaration() {
        assertThatThrownBy(() -> clerk.title.apply(null, new Load(1)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("patch");
        assertThatThrownBy(() -> clerk.title.apply(add("a"), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("job");
        assertThatThrownBy(() -> clerk.title.apply(add("a"), new Load(1), null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("options");
        clerk.start();
        assertThatThrownBy(clerk::patchLate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("in the constructor");
    }

    // ---- where from ----

    @Test
    void a_handler_applies_one_too() {
        clerk.start();
        world.bus.emit(new Happened(7));
        settle();
        assertThat(title().value()).isEqualTo("h");
        letFail(7);
        assertThat(clerk.state()).isEqualTo(FIRST);
    }

    @Test
    void a_constructor_applies_one_too_and_its_ending_waits() {
        final class Eager extends BaseOrchestrator<Optimistic<String>> {
            Eager() {
                super(Optimistic.of(""), world.dispatcher, world.bus, lane);
                patches(state -> state, (state, next) -> next).apply(add("a"), new Load(1));
            }
        }
        var eager = new Eager();
        settle();
        world.letGo(1);
        lane.runAll();
        assertThat(eager.countFollowed()).isEqualTo(1);
        assertThat(eager.state().value()).isEqualTo("a");
        settle();
        assertThat(eager.state()).isEqualTo(Optimistic.of("a"));
    }

    // ---- closing ----

    @Test
    void a_closed_orchestrator_refuses_and_changes_nothing() {
        clerk.close();
        assertThatThrownBy(() -> clerk.rename(1, "a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThat(clerk.state()).isEqualTo(FIRST);
        assertThat(clerk.countFollowed()).isZero();
    }

    @Test
    void one_that_is_closed_meanwhile_keeps_its_last_state_and_nothing_of_the_job() {
        rename(1, "a");
        clerk.close();
        assertThat(clerk.countFollowed()).isZero();
        letGo(1);
        assertThat(title().value()).isEqualTo("a");
        assertThat(title().isPending()).isTrue();
    }

    @Test
    void nothing_is_kept_of_jobs_that_are_over() {
        for (int i = 0; i < 100; i++) {
            rename(i, "x");
            if (i % 2 == 0) letGo(i);
            else letFail(i);
        }
        assertThat(clerk.countFollowed()).isZero();
        assertThat(title()).isEqualTo(Optimistic.of("x".repeat(50)));
    }

    // ---- history ----

    @Test
    void the_history_says_what_set_and_what_settled_a_patch() {
        rename(1, "a");
        letGo(1);
        rename(2, "b");
        letFail(2);
        assertThat(clerk.history().stream().map(StateEntry::by))
                .containsExactly(
                        "a call on thread " + Thread.currentThread().getName(),
                        "a call on thread " + Thread.currentThread().getName(),
                        "the confirming of a patch",
                        "a call on thread " + Thread.currentThread().getName(),
                        "the undoing of a patch");
        assertThat(clerk.history().getLast().job()).isEqualTo(new Load(2));
        assertThat(clerk.history().getLast().event()).isInstanceOf(JobFailureEvent.class);
    }

    @Test
    void undo_and_redo_go_through_the_rest_of_the_state_and_leave_the_patches_alone() {
        clerk.write("one");
        rename(1, "a");
        clerk.write("two");
        letGo(1);
        assertThat(clerk.back()).isTrue();
        assertThat(clerk.state()).isEqualTo(FIRST.withDraft("one").withTitle(Optimistic.of("a")));
        assertThat(clerk.back()).isTrue();
        assertThat(clerk.state()).isEqualTo(FIRST.withTitle(Optimistic.of("a")));
        assertThat(clerk.canUndo()).isFalse();
        assertThat(clerk.back()).isFalse();
        assertThat(clerk.forward()).isTrue();
        assertThat(clerk.forward()).isTrue();
        assertThat(clerk.state()).isEqualTo(FIRST.withDraft("two").withTitle(Optimistic.of("a")));
        assertThat(clerk.canRedo()).isFalse();
        assertThat(clerk.forward()).isFalse();
        assertThat(clerk.history().getLast().state()).isEqualTo(clerk.state());
    }

    @Test
    void a_patch_that_is_pending_while_the_draft_goes_back_is_settled_afterwards() {
        clerk.write("one");
        rename(1, "a");
        rename(2, "b");
        assertThat(clerk.back()).isTrue();
        assertThat(clerk.state().draft()).isEmpty();
        assertThat(title().value()).isEqualTo("ab");
        letFail(1);
        letGo(2);
        assertThat(title()).isEqualTo(Optimistic.of("b"));
    }
}
