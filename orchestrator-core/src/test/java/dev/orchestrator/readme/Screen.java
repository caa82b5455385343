package dev.orchestrator.readme;

import dev.orchestrator.AsyncState;
import dev.orchestrator.BaseOrchestrator;
import dev.orchestrator.Dispatcher;
import dev.orchestrator.Job;
import dev.orchestrator.SignalBus;
import java.util.List;
import java.util.function.Consumer;

/** The README's second example: what a screen shows. */
final class Screen {
    private Screen() {}

    // @start region="screen"
    record LoadNotes() implements Job<List<String>> {}

    record SaveNote(String text) implements Job<Void> {}

    record Message(String text) {}

    record Notes(AsyncState<List<String>> list, String draft) {
        Notes withList(AsyncState<List<String>> next) {
            return new Notes(next, draft);
        }

        Notes withDraft(String next) {
            return new Notes(list, next);
        }
    }

    static final class NotesOrchestrator extends BaseOrchestrator<Notes> {
        NotesOrchestrator(Dispatcher dispatcher, SignalBus bus) {
            super(new Notes(AsyncState.idle(), ""), dispatcher, bus);
            keepHistory(100); // for undo, and for "why is this state what it is"
            track(LoadNotes.class, Notes::withList); // loading, ready, failed
            on(SaveNote.class)
                    .success((job, nothing) -> effect(new Message("saved"))) // once, to whoever shows messages
                    .failure((job, error) -> effect(new Message("not saved: " + error.getMessage())));
        }

        void write(String draft) {
            update(notes -> notes.withDraft(draft));
        }

        void save() {
            dispatch(new SaveNote(state().draft()));
        }

        void load() {
            dispatchLatest("list", new LoadNotes());
        }

        void undoWriting() {
            undo();
        }
    }

    static void show(NotesOrchestrator notes, Consumer<String> list, Consumer<String> messages) {
        notes.onState(
                Notes::list,
                state -> list.accept(
                        switch (state) {
                            case AsyncState.Idle<List<String>> nothing -> "";
                            case AsyncState.Loading<List<String>> loading -> "loading ...";
                            case AsyncState.Ready<List<String>> ready -> String.join(", ", ready.value());
                            case AsyncState.Failed<List<String>> failed ->
                                "not there: " + failed.error().getMessage();
                        })); // called when the list changes, not when the draft does
        notes.onEffect(Message.class, message -> messages.accept(message.text()));
    }
    // @end
}
