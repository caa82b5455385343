package dev.orchestrator.examples.catalog;

import dev.orchestrator.BaseExecutor;
import dev.orchestrator.JobContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Reads a file once, for everything that there is to know about it.
 *
 * <p>It never reads more than the file was said to hold, so a file that grows, or has no end, is an error and not a job
 * that never returns. A read that hangs is left when the job is stopped, since that closes the channel.
 */
final class FingerprintExecutor extends BaseExecutor<FingerprintFile, Fingerprint> {
    private static final Set<? extends java.nio.file.OpenOption> READ =
            Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    private static final int BUFFER = 128 * 1024;
    private static final long BYTES_PER_REPORT = 32L * 1024 * 1024;

    private final MediaTypes mediaTypes;

    FingerprintExecutor(MediaTypes mediaTypes) {
        this.mediaTypes = mediaTypes;
    }

    @Override
    protected Fingerprint process(FingerprintFile job, JobContext context) throws IOException {
        var path = job.path();
        Fingerprint fingerprint;
        try (var channel = Files.newByteChannel(path, READ)) {
            context.onCancel(channel);
            fingerprint = read(channel, path, job.version().size(), context);
        }
        if (!FileVersion.of(path).isSame(job.version())) throw new ChangedFile("it changed during the run");
        return fingerprint;
    }

    private Fingerprint read(SeekableByteChannel channel, Path path, long size, JobContext context) throws IOException {
        var buffer = ByteBuffer.allocate(Math.clamp(size, 1, BUFFER));
        var digest = Sha256.digest();
        var lines = new LineCounter();
        MediaType type = null;
        long done = 0;
        long reportAt = BYTES_PER_REPORT;
        do {
            int length = fill(channel, buffer.clear(), size - done);
            done += length;
            if (done > size) throw new ChangedFile("it holds more than its size of " + size + " bytes");
            if (length == 0 && size > 0) throw new ChangedFile("it holds only " + done + " of its " + size + " bytes");
            if (type == null) type = mediaTypes.of(path.getFileName().toString(), buffer.array(), length);
            digest.update(buffer.array(), 0, length);
            if (type.isText()) lines.add(buffer.array(), length);
            if (done >= reportAt) {
                context.progress((double) done / size);
                reportAt = done + BYTES_PER_REPORT;
            }
        } while (done < size);
        return new Fingerprint(
                size, Sha256.of(digest.digest()), type.name(), type.isText() ? lines.lines() : Fingerprint.NO_TEXT);
    }

    /** Reads until the buffer is full, all is read that is wanted, or the file is at its end. */
    private static int fill(SeekableByteChannel channel, ByteBuffer buffer, long wanted) throws IOException {
        while (buffer.hasRemaining() && channel.read(buffer) >= 0 && buffer.position() < wanted) {}
        return buffer.position();
    }
}
