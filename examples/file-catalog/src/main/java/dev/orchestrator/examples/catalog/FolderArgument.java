package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Makes a folder that can be listed of what the user typed, or says why there is none. */
final class FolderArgument {
    private FolderArgument() {}

    static Path folder(String argument) throws BadInput {
        if (argument.isEmpty()) throw new BadInput("the name of the folder is empty");
        var path = path(argument);
        var text = PathText.printable(argument);
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
                throw new BadInput("not a folder: " + text);
            }
            Files.newDirectoryStream(path).close();
            return path;
        } catch (AccessDeniedException denied) {
            throw new BadInput("no permission to read " + text);
        } catch (NoSuchFileException missing) {
            throw new BadInput(
                    Files.isSymbolicLink(path) ? text + " is " + Reasons.DANGLING_LINK : "no such folder: " + text);
        } catch (IOException unreadable) {
            var reason = Files.isSymbolicLink(path) ? "it is " + Reasons.ofLink(unreadable) : Reasons.of(unreadable);
            throw new BadInput("cannot read " + text + ": " + reason);
        }
    }

    /** Java cannot say every name that the system can; where it gets this one wrong, the system is asked. */
    private static Path path(String text) throws BadInput {
        var path = RawNames.argument(text);
        try {
            if (path == null) path = Path.of(text);
        } catch (InvalidPathException invalid) {
            throw new BadInput("not a name that a folder can have here: " + PathText.printable(text));
        }
        if (path.isAbsolute() || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) return path;
        var workingFolder = RawNames.workingFolder();
        return workingFolder == null ? path : workingFolder.resolve(path);
    }
}
