package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.Happened;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A history says why the state is what it is, and leads back and forward; without one nothing is kept. */
class HistoryTest {
    private static final class Desk extends BaseOrchestrator<Integer> {
        Desk(StillWorld world, ManualLane lane, int most) {
            super(0, world.dispatcher, world.bus, lane);
            if (most != 0) keepHistory(most);
            on(Load.class).success((job, result) -> emit(job.number()));
            observe(Happened.class, event -> emit(event.number()));
        }

        @Override
        protected void onActiveStarted(JobStartedEvent event) {
            emit(-1);
        }

        void set(int number) {
            emit(number);
        }

        void add() {
            update(number -> number + 1);
        }

        void setLater(int number) {
            onLane(() -> emit(number));
        }

        boolean back() {
            return undo();
        }

        boolean forward() {
            return redo();
        }

        void keepLate() {
            keepHistory(5);
        }
    }

    private final StillWorld world = new StillWorld();
    private final ManualLane lane = new ManualLane();
    private final Desk desk = new Desk(world, lane, 5);

    private void settle() {
        world.settle();
        lane.runAll();
        world.settle();
    }

    private List<Integer> states() {
        return desk.history().stream().map(StateEntry::state).toList();
    }

    private StateEntry<Integer> present() {
        return desk.history().getLast();
    }

    // ---- why ----

    @Test
    void it_begins_with_the_first_state() {
        assertThat(states()).containsExactly(0);
        assertThat(present().event()).isNull();
        assertThat(present().job()).isNull();
    }

    @Test
    void a_handler_of_an_own_job_is_named_with_its_event_and_its_job() {
        desk.dispatch(new Load(7));
        settle();
        assertThat(present().state()).isEqualTo(-1);
        assertThat(present().by()).isEqualTo("the hook for JobStartedEvent");
        assertThat(present().job()).isEqualTo(new Load(7));
        world.letGo(7);
        settle();
        assertThat(present().state()).isEqualTo(7);
        assertThat(present().by()).isEqualTo("on(Load).success");
        assertThat(present().event()).isInstanceOf(JobSuccessEvent.class);
        assertThat(present().job()).isEqualTo(new Load(7));
        assertThat(present().at()).isEqualTo(world.time.now());
    }

    @Test
    void a_handler_of_a_passive_event_is_named_with_it() {
        desk.start();
        world.bus.emit(new Happened(3));
        settle();
        assertThat(present().by()).isEqualTo("observe(Happened)");
        assertThat(present().event()).isEqualTo(new Happened(3));
        assertThat(present().job()).isNull();
    }

    @Test
    void a_call_and_a_task_are_named_too() {
        desk.set(1);
        assertThat(present().by())
                .isEqualTo("a call on thread " + Thread.currentThread().getName());
        assertThat(present().event()).isNull();
        desk.setLater(2);
        lane.runAll();
        assertThat(present().by()).isEqualTo("a task on its lane");
    }

    @Test
    void a_call_inside_a_handler_of_somebody_else_is_known_by_its_event() {
        world.bus.subscribe(Happened.class, event -> desk.set(event.number()));
        world.bus.emit(new Happened(4));
        assertThat(desk.history()).anySatisfy(entry -> {
            assertThat(entry.state()).isEqualTo(4);
            assertThat(entry.event()).isEqualTo(new Happened(4));
        });
    }

    @Test
    void an_entry_tells_no_content() {
        record Secret(String password) {}
        var entry = new StateEntry<>(new Secret("geheim"), world.time.now(), "on(Load).success", new Happened(1), null);
        assertThat(entry.toString())
                .contains("Secret", "on(Load).success", "Happened")
                .doesNotContain("geheim");
    }

    // ---- how many ----

    @Test
    void the_oldest_are_let_go_and_equal_states_are_no_change() {
        for (int i = 1; i <= 9; i++) {
            desk.set(i);
            desk.set(i);
        }
        assertThat(states()).containsExactly(5, 6, 7, 8, 9);
    }

    @Test
    void without_one_nothing_is_kept_and_there_is_no_way_back() {
        var plain = new Desk(world, lane, 0);
        plain.set(1);
        assertThat(plain.history()).isEmpty();
        assertThat(plain.canUndo()).isFalse();
        assertThat(plain.canRedo()).isFalse();
        assertThatThrownBy(plain::back)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keepHistory");
    }

    @Test
    void it_is_asked_for_in_the_constructor_and_keeps_at_least_one() {
        assertThatThrownBy(() -> new Desk(world, lane, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-1");
        desk.start();
        assertThatThrownBy(desk::keepLate).isInstanceOf(IllegalStateException.class);
    }

    // ---- back and forward ----

    @Test
    void undo_goes_back_and_redo_forward() {
        desk.set(1);
        desk.set(2);
        assertThat(desk.canRedo()).isFalse();
        assertThat(desk.back()).isTrue();
        assertThat(desk.state()).isEqualTo(1);
        assertThat(states()).containsExactly(0, 1);
        assertThat(desk.back()).isTrue();
        assertThat(desk.canUndo()).isFalse();
        assertThat(desk.back()).isFalse();
        assertThat(desk.state()).isZero();
        assertThat(desk.forward()).isTrue();
        assertThat(desk.forward()).isTrue();
        assertThat(desk.forward()).isFalse();
        assertThat(desk.state()).isEqualTo(2);
        assertThat(states()).containsExactly(0, 1, 2);
    }

    @Test
    void a_change_has_no_way_forward() {
        desk.set(1);
        desk.set(2);
        desk.back();
        desk.set(3);
        assertThat(desk.canRedo()).isFalse();
        assertThat(states()).containsExactly(0, 1, 3);
        desk.back();
        assertThat(desk.state()).isEqualTo(1);
    }

    @Test
    void subscribers_see_the_way_back() {
        var seen = new ArrayList<Integer>();
        desk.onState(seen::add);
        lane.runAll();
        desk.set(1);
        lane.runAll();
        desk.back();
        lane.runAll();
        assertThat(seen).containsExactly(0, 1, 0);
    }

    @Test
    void a_closed_one_stays_where_it_is() {
        desk.set(1);
        desk.close();
        assertThat(desk.back()).isFalse();
        assertThat(desk.canUndo()).isFalse();
        desk.set(2);
        assertThat(desk.state()).isEqualTo(1);
        assertThat(states()).containsExactly(0, 1);
    }

    // ---- threads ----

    @Test
    void the_entries_are_all_changes_in_their_order() {
        int threads = 4;
        int each = 2_000;
        var busy = new Desk(world, lane, threads * each + 1);
        Together.onThreads(threads, thread -> {
            for (int i = 0; i < each; i++) busy.add();
        });
        var all = busy.history().stream().map(StateEntry::state).toList();
        assertThat(all).hasSize(threads * each + 1).isSorted().doesNotHaveDuplicates();
        assertThat(all.getLast()).isEqualTo(busy.state());
    }
}
