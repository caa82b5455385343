package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** P11: a rule is a value that says what it does. */
class OverflowRuleTest {
    @Test
    void two_rules_are_equal_if_they_say_the_same() {
        assertThat(OverflowRule.block(3)).isEqualTo(OverflowRule.block(3)).hasSameHashCodeAs(OverflowRule.block(3));
        assertThat(OverflowRule.keepLatest()).isEqualTo(OverflowRule.keepLatest());
        assertThat(OverflowRule.block(3)).isNotEqualTo(OverflowRule.block(4)).isNotEqualTo(OverflowRule.fail(3));
        assertThat(OverflowRule.keepLatest()).isNotEqualTo(OverflowRule.dropOldest(1));
    }

    @Test
    void a_rule_prints_as_it_is_written() {
        assertThat(OverflowRule.block(3)).hasToString("block(3)");
        assertThat(OverflowRule.dropOldest(4)).hasToString("dropOldest(4)");
        assertThat(OverflowRule.keepLatest()).hasToString("keepLatest()");
        assertThat(OverflowRule.fail(Integer.MAX_VALUE)).hasToString("fail(2147483647)");
    }

    @Test
    void a_capacity_below_one_is_refused_with_a_way_out() {
        String text = "the capacity of a mailbox must be at least 1, was %d; to keep nothing but the newest event use"
                + " keepLatest()";
        assertThatThrownBy(() -> OverflowRule.block(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text, 0);
        assertThatThrownBy(() -> OverflowRule.dropOldest(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text, -1);
        assertThatThrownBy(() -> OverflowRule.fail(Integer.MIN_VALUE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text, Integer.MIN_VALUE);
    }
}
