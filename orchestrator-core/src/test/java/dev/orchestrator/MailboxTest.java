package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The mailbox: many writers, one reader, nothing lost, the order of arrival, nothing kept. */
class MailboxTest {
    private final Mailbox<Object> mailbox = new Mailbox<>();

    private Object take() {
        Object next = mailbox.peek();
        if (next != null) mailbox.drop();
        return next;
    }

    @Test
    void things_come_out_in_the_order_in_which_they_went_in() {
        mailbox.add("a");
        mailbox.add("b");
        assertThat(mailbox.peek()).isEqualTo("a");
        assertThat(take()).isEqualTo("a");
        mailbox.add("c");
        assertThat(take()).isEqualTo("b");
        assertThat(take()).isEqualTo("c");
        assertThat(take()).isNull();
    }

    @Test
    void clear_takes_out_everything_and_the_mailbox_goes_on() {
        mailbox.add("a");
        mailbox.add("b");
        mailbox.clear();
        assertThat(mailbox.peek()).isNull();
        mailbox.add("c");
        assertThat(take()).isEqualTo("c");
    }

    @Test
    void nothing_can_be_dropped_from_an_empty_mailbox() {
        assertThatThrownBy(mailbox::drop).isInstanceOf(AssertionError.class);
    }

    @Test
    void what_was_taken_out_is_not_kept() {
        var reference = new WeakReference<>(new Object());
        mailbox.add(reference.get());
        mailbox.drop();
        TestWork.until(
                () -> {
                    System.gc();
                    return reference.refersTo(null);
                },
                "the mailbox keeps what was taken out");
        assertThat(mailbox.peek()).isNull();
    }

    @Test
    void four_writers_lose_nothing_and_each_keeps_its_order() {
        int each = 50_000;
        var taken = new ArrayList<Integer>();
        Together.run(
                1,
                round -> IntStream.range(0, each).forEach(i -> mailbox.add(4 * i)),
                round -> IntStream.range(0, each).forEach(i -> mailbox.add(4 * i + 1)),
                round -> IntStream.range(0, each).forEach(i -> mailbox.add(4 * i + 2)),
                round -> IntStream.range(0, each).forEach(i -> mailbox.add(4 * i + 3)),
                round -> {
                    while (taken.size() < 4 * each) {
                        Object next = take();
                        if (next == null) Thread.yield();
                        else taken.add((Integer) next);
                    }
                });
        for (int writer = 0; writer < 4; writer++) {
            int mine = writer;
            assertThat(taken.stream().filter(it -> it % 4 == mine).toList())
                    .hasSize(each)
                    .isSorted();
        }
    }
}
