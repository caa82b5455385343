package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** "Several overlapping patches in any order of their endings leave what the confirmed ones would have given." */
class OptimisticTest {
    private static final Optimistic<String> EMPTY = Optimistic.of("");

    private static UnaryOperator<String> add(String text) {
        return before -> before + text;
    }

    /** Refuses a value that does not end with what it needs. */
    private static UnaryOperator<String> addBehind(String needed, String text) {
        return before -> {
            if (!before.endsWith(needed)) throw new IllegalStateException("on purpose: no " + needed);
            return before + text;
        };
    }

    private static Optimistic<String> ofThree() {
        return EMPTY.apply("a", add("a")).apply("b", add("b")).apply("c", add("c"));
    }

    // ---- one ----

    @Test
    void it_begins_with_what_is_known() {
        var known = Optimistic.of("known");
        assertThat(known.value()).isEqualTo("known");
        assertThat(known.base()).isEqualTo("known");
        assertThat(known.isPending()).isFalse();
        assertThat(known.pending()).isEmpty();
    }

    @Test
    void a_patch_shows_at_once_and_is_not_known_yet() {
        var patched = EMPTY.apply("a", add("a"));
        assertThat(patched.value()).isEqualTo("a");
        assertThat(patched.base()).isEmpty();
        assertThat(patched.isPending()).isTrue();
        assertThat(patched.isPending("a")).isTrue();
        assertThat(patched.isPending("b")).isFalse();
        assertThat(EMPTY.value()).as("it is immutable").isEmpty();
    }

    @Test
    void a_success_makes_it_known() {
        assertThat(EMPTY.apply("a", add("a")).confirm("a")).isEqualTo(Optimistic.of("a"));
    }

    @Test
    void any_other_ending_leaves_what_was_there_before() {
        assertThat(EMPTY.apply("a", add("a")).undo("a")).isEqualTo(EMPTY);
    }

    @Test
    void a_null_is_a_value() {
        var none = Optimistic.<String>of(null).apply("a", before -> "a");
        assertThat(none.undo("a").value()).isNull();
        assertThat(none.confirm("a").apply("b", before -> null).confirm("b").base())
                .isNull();
    }

    // ---- several ----

    @Test
    void one_that_is_confirmed_behind_a_pending_one_keeps_its_place() {
        var second = ofThree().confirm("b");
        assertThat(second.value()).isEqualTo("abc");
        assertThat(second.base()).isEmpty();
        assertThat(second.pending()).containsExactly("a", "c");
        assertThat(second.undo("a").value()).isEqualTo("bc");
        assertThat(second.undo("a").base()).isEqualTo("b");
        assertThat(second.confirm("a").base()).isEqualTo("ab");
    }

    @Test
    void the_confirmed_ones_are_left_in_whichever_order_they_end() {
        var orders = List.of("abc", "acb", "bac", "bca", "cab", "cba");
        for (String order : orders) {
            for (int succeeding = 0; succeeding < 8; succeeding++) {
                var state = ofThree();
                var expected = new StringBuilder();
                for (int i = 0; i < 3; i++) if ((succeeding & 1 << i) != 0) expected.append("abc".charAt(i));
                for (String job : order.split("")) {
                    boolean succeeds = (succeeding & 1 << "abc".indexOf(job)) != 0;
                    state = succeeds ? state.confirm(job) : state.undo(job);
                }
                assertThat(state).isEqualTo(Optimistic.of(expected.toString()));
            }
        }
    }

    @Test
    void an_ending_calls_no_patch_again_unless_an_earlier_one_is_undone() {
        var calls = new ArrayList<String>();
        var state = EMPTY;
        for (String job : List.of("a", "b", "c")) {
            state = state.apply(job, before -> {
                calls.add(job);
                return before + job;
            });
        }
        state = state.confirm("b").confirm("a");
        assertThat(calls).containsExactly("a", "b", "c");
        assertThat(state.undo("c").value()).isEqualTo("ab");
        assertThat(calls).containsExactly("a", "b", "c");
    }

    @Test
    void what_waits_for_nothing_is_no_change() {
        var state = ofThree();
        assertThat(state.confirm("d")).isSameAs(state);
        assertThat(state.undo("d")).isSameAs(state);
        var settled = state.confirm("b");
        assertThat(settled.confirm("b")).isSameAs(settled);
        assertThat(settled.undo("b")).isSameAs(settled);
    }

    @Test
    void an_id_may_come_again_when_its_patch_is_settled() {
        var again = ofThree().confirm("b").apply("b", add("B"));
        assertThat(again.value()).isEqualTo("abcB");
        assertThat(again.undo("b").value()).isEqualTo("abc");
    }

    // ---- a new base ----

    @Test
    void a_new_base_has_the_pending_ones_on_top_and_knows_of_the_confirmed_ones() {
        var fresh = ofThree().confirm("b").rebase("B");
        assertThat(fresh.value()).isEqualTo("Bac");
        assertThat(fresh.base()).isEqualTo("B");
        assertThat(fresh.pending()).containsExactly("a", "c");
        assertThat(fresh.undo("a").confirm("c")).isEqualTo(Optimistic.of("Bc"));
    }

    @Test
    void a_new_base_that_changes_the_value_of_no_patch_is_a_change_all_the_same() {
        UnaryOperator<String> five = before -> "5";
        var before = EMPTY.apply("a", five).apply("b", five).confirm("b");
        var after = before.rebase("");
        assertThat(after.value()).isEqualTo(before.value());
        assertThat(after).isNotEqualTo(before); // or the state would keep what the source took back
        assertThat(after.undo("a").value()).isEmpty();
        assertThat(before.undo("a").value()).isEqualTo("5");
    }

    // ---- patches that throw ----

    @Test
    void what_a_patch_throws_is_thrown_and_nothing_has_changed() {
        var state = ofThree();
        assertThatThrownBy(() -> state.apply("d", addBehind("x", "d")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("on purpose: no x");
        assertThat(state.value()).isEqualTo("abc");
        assertThat(state.pending()).containsExactly("a", "b", "c");
    }

    @Test
    void one_that_throws_when_it_is_applied_again_is_left_out_and_the_others_stay() {
        var state = EMPTY.apply("a", add("a"))
                .apply("b", addBehind("a", "b"))
                .apply("c", add("c"))
                .undo("a");
        assertThat(state.value()).isEqualTo("c");
        assertThat(state.pending()).containsExactly("b", "c");
        assertThat(state.confirm("c").confirm("b")).isEqualTo(Optimistic.of("c"));
        assertThat(state.confirm("b").confirm("c")).isEqualTo(Optimistic.of("c"));
        assertThat(state.undo("b").confirm("c")).isEqualTo(Optimistic.of("c"));
    }

    @Test
    void one_that_was_left_out_comes_back_when_it_can_be_applied() {
        var state = EMPTY.apply("a", add("a")).apply("b", addBehind("a", "b")).undo("a");
        assertThat(state.value()).isEmpty();
        assertThat(state.rebase("a").value()).isEqualTo("ab");
        assertThat(state.rebase("a").confirm("b")).isEqualTo(Optimistic.of("ab"));
    }

    @Test
    void one_that_throws_on_a_new_base_is_left_out_too() {
        var state = Optimistic.of("x").apply("a", addBehind("x", "a")).apply("b", add("b"));
        assertThat(state.rebase("y").value()).isEqualTo("yb");
        assertThat(state.rebase("y").rebase("x").value()).isEqualTo("xab");
    }

    // ---- refusals and texts ----

    @Test
    void an_id_is_there_and_says_something_and_waits_once() {
        assertThatThrownBy(() -> EMPTY.apply(null, add("a")))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the id of a patch's job must not be null");
        assertThatThrownBy(() -> EMPTY.apply(" ", add("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the id of a patch's job must not be blank, was \" \"");
        assertThatThrownBy(() -> ofThree().apply("b", add("d")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a patch waits for job b already. Confirm or undo that one first, or change both things in"
                        + " one patch");
        assertThatThrownBy(() -> EMPTY.apply("a", null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EMPTY.confirm(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EMPTY.undo(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> EMPTY.isPending(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void two_are_equal_if_they_show_and_know_the_same_and_wait_for_the_same() {
        assertThat(ofThree()).isEqualTo(ofThree()).hasSameHashCodeAs(ofThree());
        assertThat(EMPTY.apply("a", before -> "same"))
                .isEqualTo(EMPTY.apply("a", before -> "sa" + "me"))
                .isNotEqualTo(EMPTY.apply("b", before -> "same"))
                .isNotEqualTo(EMPTY.apply("a", before -> "other"))
                .isNotEqualTo(Optimistic.of("same"))
                .isNotEqualTo("same");
        assertThat(Optimistic.of("x").apply("a", before -> "same")).isNotEqualTo(EMPTY.apply("a", before -> "same"));
    }

    @Test
    void its_text_has_no_content() {
        assertThat(Optimistic.of("geheim")).hasToString("Optimistic[0 pending]");
        assertThat(ofThree().confirm("b")).hasToString("Optimistic[2 pending]");
    }

    // ---- against a model ----

    /** All patches that were not undone, and the base: the value is computed anew whenever somebody asks. */
    private static final class Model {
        private record Step(String job, UnaryOperator<String> patch, boolean isPending) {}

        private String base = "";
        private List<Step> steps = new ArrayList<>();

        String value() {
            String value = base;
            for (Step step : steps) value = after(value, step.patch);
            return value;
        }

        static String after(String before, UnaryOperator<String> patch) {
            try {
                return patch.apply(before);
            } catch (IllegalStateException onPurpose) {
                return before;
            }
        }

        List<String> pending() {
            return steps.stream().filter(Step::isPending).map(Step::job).toList();
        }

        void confirm(String job) {
            steps.replaceAll(step -> step.job.equals(job) ? new Step(job, step.patch, false) : step);
        }

        void undo(String job) {
            steps.removeIf(step -> step.isPending && step.job.equals(job));
        }

        void rebase(String fresh) {
            base = fresh;
            steps = new ArrayList<>(steps.stream().filter(Step::isPending).toList());
        }
    }

    private static UnaryOperator<String> anyPatch(Random random, String job) {
        return switch (random.nextInt(4)) {
            case 0 -> before -> job + before;
            case 1 -> before -> before.length() > 6 ? before.substring(2) : before + job;
            case 2 ->
                before -> {
                    if (before.hashCode() % 3 == 0) throw new IllegalStateException("on purpose");
                    return before + "!";
                };
            default -> add(job);
        };
    }

    @Test
    void whatever_happens_it_shows_what_the_model_shows() {
        for (int seed = 0; seed < 3_000; seed++) {
            var random = new Random(seed);
            var model = new Model();
            var state = EMPTY;
            int jobs = 0;
            for (int step = 0; step < 40; step++) {
                var pending = model.pending();
                int choice = random.nextInt(8);
                if (choice < 3 || pending.isEmpty()) {
                    String job = "j" + jobs++;
                    var patch = anyPatch(random, job);
                    try {
                        state = state.apply(job, patch);
                        model.steps.add(new Model.Step(job, patch, true));
                    } catch (IllegalStateException onPurpose) {
                        assertThat(onPurpose).hasMessage("on purpose");
                    }
                } else if (choice == 7) {
                    String fresh = "f" + random.nextInt(10);
                    state = state.rebase(fresh);
                    model.rebase(fresh);
                } else {
                    String job = pending.get(random.nextInt(pending.size()));
                    boolean succeeds = random.nextBoolean();
                    state = succeeds ? state.confirm(job) : state.undo(job);
                    if (succeeds) model.confirm(job);
                    else model.undo(job);
                }
                assertThat(state.value()).as("seed %d", seed).isEqualTo(model.value());
                assertThat(state.pending()).as("seed %d", seed).isEqualTo(model.pending());
            }
            for (String job : shuffled(state.pending(), random)) {
                boolean succeeds = random.nextBoolean();
                state = succeeds ? state.confirm(job) : state.undo(job);
                if (succeeds) model.confirm(job);
                else model.undo(job);
            }
            assertThat(state).as("seed %d", seed).isEqualTo(Optimistic.of(model.value()));
        }
    }

    private static List<String> shuffled(List<String> jobs, Random random) {
        var some = new ArrayList<>(jobs);
        Collections.shuffle(some, random);
        return some;
    }

    @Test
    void it_keeps_no_more_than_is_under_way() {
        var state = EMPTY;
        for (int i = 0; i < 10_000; i++) {
            state = state.apply("j" + i, before -> "x");
            if (i >= 3) state = state.confirm("j" + (i - 3));
            assertThat(state.pending().size()).isLessThanOrEqualTo(4);
        }
        assertThat(state.pending()).containsExactly("j9997", "j9998", "j9999");
    }
}
