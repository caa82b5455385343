package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.durable.Store.Claim;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** P7: what is seen of a work when it is claimed hides no wish to stop it. */
class GlancesTest {
    private final EngineWorld world = EngineWorld.create();
    private final SpyStore spy = new SpyStore(world.store);
    private final Glances glances = new Glances(spy.store);

    @AfterEach
    void close() {
        world.close();
    }

    private Claim claim(String id) throws Exception {
        world.store.dispatch(EngineWorld.job("t", id, "x", "here"));
        world.change(
                "update orch_queue set picked = true, picked_by = 'n', version = 2 where task_instance = '" + id + "'");
        return new Claim(id, "t@1", 2, "n");
    }

    @Test
    void a_work_is_seen_once() throws Exception {
        Claim claim = claim("a");
        glances.look(List.of(claim));

        assertThat(glances.take(claim)).isEqualTo(world.store.claimed(claim).orElseThrow());
        assertThat(glances.take(claim)).isNull();
    }

    @Test
    void a_wish_that_no_attempt_was_there_for_makes_everything_seen_before_too_old() throws Exception {
        Claim before = claim("a");
        glances.look(List.of(before));
        glances.missWish();
        Claim after = claim("b");
        glances.look(List.of(after));

        assertThat(glances.take(before)).isNull();
        assertThat(glances.take(after)).isNotNull();
    }

    @Test
    void nothing_is_seen_where_the_database_is_gone() throws Exception {
        Claim claim = claim("a");
        spy.fail("claimed", 1);
        glances.look(List.of(claim));

        assertThat(glances.take(claim)).isNull();
    }
}
