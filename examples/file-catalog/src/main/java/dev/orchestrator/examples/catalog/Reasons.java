package dev.orchestrator.examples.catalog;

import dev.orchestrator.durable.StoredErrorException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.TimeoutException;

/** Why something could not be read, in words for people. */
final class Reasons {
    static final String DANGLING_LINK = "a symbolic link to something that does not exist";

    private static final String TIMED_OUT = "timed out; --timeout gives it longer";

    private Reasons() {}

    static String of(Throwable error) {
        return switch (error) {
            case AccessDeniedException denied -> "no permission to read it";
            case NoSuchFileException gone -> "it vanished during the run";
            case NotDirectoryException replaced -> "it was replaced by something else during the run";
            case TimeoutException late -> TIMED_OUT;
            case StoredErrorException stored -> ofStored(stored);
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> error.getMessage() == null ? error.toString() : error.getMessage();
        };
    }

    /** Its own message begins with the type; what this program has stored was a reason in words, or of the framework. */
    private static String ofStored(StoredErrorException stored) {
        if (stored.errorType().equals(TimeoutException.class.getName())) return TIMED_OUT;
        var text = String.valueOf(stored.getMessage());
        return text.startsWith(stored.errorType() + ": ")
                ? text.substring(stored.errorType().length() + 2)
                : text;
    }

    /** What went wrong when a symbolic link was followed. */
    static String ofLink(Throwable error) {
        return switch (error) {
            case AccessDeniedException denied -> "a symbolic link to a place that you have no permission to look at";
            case NoSuchFileException gone -> DANGLING_LINK;
            case FileSystemException other when isLoop(other) -> "a symbolic link that leads in a circle, a loop";
            default -> "a symbolic link that cannot be followed: " + of(error);
        };
    }

    /**
     * Whether it may be different next time: an input or output error, too many open files, a network that is away.
     *
     * <p>Java has types of its own for what is wrong with the name or the permissions; that stays wrong.
     */
    static boolean mayPass(Throwable error) {
        if (error instanceof ReadFailure inWords) return inWords.mayPass();
        if (error instanceof FileSystemException known)
            return known.getClass() == FileSystemException.class && !isLoop(known);
        return error instanceof IOException && !isReplacedByLink(error);
    }

    /** It has no type of its own, and the system's words for it may be in any language; these are Java's. */
    private static boolean isLoop(FileSystemException error) {
        return error.getReason() != null && error.getReason().endsWith("unable to access attributes of symbolic link");
    }

    /** What opening without following links says of a link; no type of its own either, and Java's words again. */
    private static boolean isReplacedByLink(Throwable error) {
        return error.getMessage() != null && error.getMessage().endsWith("(NOFOLLOW_LINKS specified)");
    }
}
