package dev.orchestrator.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is attached comes back whole, or an error says why not. */
class AttachmentsTest {
    @TempDir
    Path folder;

    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();

    /** What happens while a content is read. */
    private AutoCloseable meanwhile = () -> {};

    private final Attachments attachments = new Attachments(fakeStore());
    private Path file;

    /** A store that has nothing but contents. */
    private Store fakeStore() {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(),
                new Class<?>[] {Store.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "store" -> store((InputStream) arguments[0]);
                    case "open" ->
                        Optional.ofNullable(contents.get((String) arguments[0])).map(ByteArrayInputStream::new);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    private Store.StoredContent store(InputStream content) throws Exception {
        byte[] bytes = content.readAllBytes();
        content.close();
        meanwhile.close();
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        contents.put(hash, bytes);
        return new Store.StoredContent(hash, bytes.length);
    }

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("a.txt"), "some text");
    }

    @Test
    void a_file_comes_back_by_its_attachment() throws IOException {
        Attachment attachment = attachments.add(file);
        assertThat(attachment.name()).isEqualTo("a.txt");
        assertThat(attachment.size()).isEqualTo(9);
        try (InputStream content = attachments.open(attachment)) {
            assertThat(content).hasContent("some text");
        }
        Path copy = Files.writeString(folder.resolve("copy.txt"), "what was there before");
        attachments.copyTo(attachment, copy);
        assertThat(copy).hasContent("some text");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(file, copy);
        }
    }

    @Test
    void what_is_equal_is_kept_once() throws IOException {
        Attachment one = attachments.add(file);
        Attachment other = attachments.add(stream("some text"), "b.txt");
        assertThat(other.hash()).isEqualTo(one.hash());
        assertThat(contents).hasSize(1);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_stream_is_read_and_not_closed() throws IOException {
        var content = new ByteArrayInputStream(new byte[100_000]) {
            private boolean isClosed;

            @Override
            public void close() {
                isClosed = true;
            }
        };
        assertThat(attachments.add(content, "zeros").size()).isEqualTo(100_000);
        assertThat(content.isClosed).isFalse();
        assertThatThrownBy(() -> attachments.add(content, " "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the name of an attachment must not be blank");
    }

    @Test
    void a_file_that_changes_while_it_is_read_is_refused() {
        meanwhile = () -> Files.writeString(file, "some more text");
        refused("has changed while it was read, so it is not attached");
        meanwhile = () -> Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        refused("has changed while it was read");
        meanwhile = () -> Files.delete(file);
        refused("is not there any more while it was read");
    }

    private void refused(String why) {
        assertThatThrownBy(() -> attachments.add(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void what_is_no_file_is_refused() {
        assertThatThrownBy(() -> attachments.add(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no regular file");
        assertThatThrownBy(() -> attachments.add(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void a_content_that_is_gone_says_so() throws IOException {
        Attachment attachment = attachments.add(file);
        contents.clear();
        assertThatThrownBy(() -> attachments.open(attachment))
                .isInstanceOf(DurableStoreException.class)
                .hasMessageContaining("the content of attachment 'a.txt' (SHA-256 " + attachment.hash())
                .hasMessageContaining("Add the file again");
        assertThatThrownBy(() -> attachments.copyTo(attachment, folder.resolve("copy")))
                .isInstanceOf(DurableStoreException.class);
        assertThat(folder.resolve("copy")).doesNotExist();
    }

    @Test
    void a_content_that_is_cut_off_replaces_nothing() throws IOException {
        Attachment attachment = attachments.add(file);
        contents.put(attachment.hash(), new byte[2]);
        assertThatThrownBy(() -> attachments.copyTo(attachment, file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has 2 bytes, and not 9");
        assertThat(file).hasContent("some text");
    }
}
