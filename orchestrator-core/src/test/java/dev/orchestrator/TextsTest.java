package dev.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.StillWorld.Load;
import dev.orchestrator.TestWork.About;
import java.util.ArrayList;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

/** P9, P10: what is read in a log or a debugger says what it is, and no content. */
class TextsTest {
    private record Secretive(String password) implements Job<String> {}

    private record Load1() implements Job<String> {}

    private record Lode() implements Job<String> {}

    private record Quite() implements Job<String> {}

    private final StillWorld world = new StillWorld();

    @Test
    void events_name_themselves_and_their_job() {
        assertThat(new About("job-1")).hasToString("About(job-1)");
        var handle = world.load(1);
        world.letGo(1);
        assertThat(world.events.terminalOf(handle.id()))
                .singleElement()
                .hasToString("JobSuccessEvent(Load " + handle.id() + ")");
    }

    @Test
    void a_handle_tells_whether_its_job_has_ended() {
        var handle = world.load(1);
        assertThat(handle).hasToString("JobHandle(" + handle.id() + ")");
        world.letGo(1);
        assertThat(handle).hasToString("JobHandle(" + handle.id() + ", ended)");
    }

    @Test
    void progress_is_readable_without_its_payload() {
        var payload = new Secretive("secret");
        assertThat(JobProgress.of(0.5)).hasToString("JobProgress[0.5]");
        assertThat(JobProgress.step(1, 4)).hasToString("JobProgress[0.25, 1 of 4]");
        assertThat(JobProgress.step(3, 0)).hasToString("JobProgress[0.0]");
        assertThat(JobProgress.step(1, 2).withMessage("half").withPayload(payload))
                .hasToString("JobProgress[0.5, 1 of 2, half]")
                .extracting(JobProgress::payload)
                .isEqualTo(payload);
    }

    @Test
    void the_information_about_an_event_has_all_its_ids() {
        var infos = new ArrayList<EventInfo>();
        world.bus.subscribeWithInfo(JobEvent.class, (event, info) -> infos.add(info));
        var handle = world.load(1);
        assertThat(infos)
                .first()
                .asString()
                .startsWith("EventInfo[id=")
                .contains("correlationId=" + handle.id(), "time=1970-01-01T00:00:00Z");
    }

    @Test
    void a_subscription_of_a_publisher_names_what_it_follows() {
        var names = new ArrayList<String>();
        world.bus.events().subscribe(new Flow.Subscriber<Event>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                names.add(subscription.toString());
            }

            @Override
            public void onNext(Event item) {}

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onComplete() {}
        });
        world.settle();
        assertThat(names).singleElement().asString().isNotBlank();
    }

    @Test
    void a_type_without_executor_is_told_with_the_nearest_names() {
        var empty = Dispatcher.builder().bus(world.bus).build();
        assertThat(messageOf(empty)).endsWith(" None is registered yet.");
        empty.register(Quite.class, (job, context) -> "done");
        empty.register(Lode.class, (job, context) -> "done");
        empty.register(Load1.class, (job, context) -> "done");
        assertThat(messageOf(empty))
                .endsWith(" Nearest of the 3 registered: " + Load1.class.getName() + ", " + Lode.class.getName() + ", "
                        + Quite.class.getName() + ".");
    }

    private static String messageOf(Dispatcher dispatcher) {
        try {
            dispatcher.dispatch(new Load(1));
            return "it was accepted";
        } catch (ExecutorNotFoundException expected) {
            return expected.getMessage();
        }
    }
}
