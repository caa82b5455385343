package dev.orchestrator.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.orchestrator.Dispatcher;
import dev.orchestrator.SignalBus;
import dev.orchestrator.StateEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's examples are the compiled ones, and do what the README says. */
class ReadmeTest {
    @ParameterizedTest
    @ValueSource(strings = {"QuickStart", "Control", "Screen"})
    void the_readme_shows_the_compiled_example(String name) throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/orchestrator/readme/" + name + ".java"));
        String region =
                source.substring(source.indexOf('\n', source.indexOf("@start")) + 1, source.indexOf("    // @end"));
        assertThat(Files.readString(Path.of("../README.md")))
                .contains(region.stripTrailing().stripIndent());
    }

    @Test
    void the_readme_s_search_retries_and_shows_what_was_found() throws Exception {
        var calls = new AtomicInteger();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var search = new Control.SearchOrchestrator(dispatcher, bus)) {
            Control.register(dispatcher, text -> {
                if (calls.incrementAndGet() == 1) throw new IOException("not now");
                return List.of(text);
            });
            search.textChanged("a word");
            search.awaitIdle(Duration.ofSeconds(30));
            assertThat(search.state()).isEqualTo("1 found");
            assertThat(calls).hasValue(2);
        }
    }

    @Test
    void the_readme_s_screen_shows_the_list_and_one_message() throws Exception {
        var lists = new CopyOnWriteArrayList<String>();
        var messages = new CopyOnWriteArrayList<String>();
        try (var bus = SignalBus.scoped();
                var dispatcher = Dispatcher.create(bus);
                var notes = new Screen.NotesOrchestrator(dispatcher, bus)) {
            dispatcher.register(Screen.LoadNotes.class, (job, context) -> List.of("milk", "bread"));
            dispatcher.register(Screen.SaveNote.class, (job, context) -> {
                throw new IOException("the disk is full");
            });
            Screen.show(notes, lists::add, messages::add);
            notes.load();
            notes.write("eggs");
            notes.awaitIdle(Duration.ofSeconds(30));
            notes.save();
            notes.awaitIdle(Duration.ofSeconds(30));
            assertThat(lists).startsWith("").endsWith("milk, bread");
            assertThat(messages).containsExactly("not saved: the disk is full");
            assertThat(notes.history()).extracting(StateEntry::by).contains("track(LoadNotes)");
        }
    }

    @Test
    void the_example_ends_with_a_greeting() throws Exception {
        var printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            QuickStart.run();
        } finally {
            System.setOut(before);
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines().toList()).endsWith("Hello, user 42");
    }
}
