package dev.orchestrator.examples.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Makes a file that a database can be of what the user typed after {@code --durable}, or says why there is none. */
final class DurableArgument {
    private DurableArgument() {}

    /**
     * The file, by a name without symbolic links; it need not be there yet.
     *
     * <p>It must not be in the folder: it would catalogue itself while it changes, and whoever opens and closes such a file
     * beside its database takes away the locks of that.
     */
    static Path file(String argument, Path folder) throws BadInput {
        if (argument.isEmpty()) throw new BadInput("the name of the file for --durable is empty");
        var text = PathText.printable(argument);
        try {
            var place = place(Path.of(argument), text);
            // The database is opened by a text that must be the name, and in which a question mark means something
            // else.
            if (!PathText.of(place).text().equals(place.toString())
                    || place.toString().indexOf('?') >= 0)
                throw new BadInput("not a name that a file for --durable can have: " + text);
            if (place.startsWith(folder.toRealPath()))
                throw new BadInput("the file for --durable must be outside of the folder that is catalogued: " + text);
            return place;
        } catch (InvalidPathException invalid) {
            throw new BadInput("not a name that a file for --durable can have: " + text);
        } catch (NoSuchFileException missing) {
            throw new BadInput("no such folder for the file for --durable: " + text);
        } catch (IOException unreadable) {
            throw new BadInput("cannot use " + text + " for --durable: " + Reasons.of(unreadable));
        }
    }

    private static Path place(Path path, String text) throws IOException, BadInput {
        boolean isThere = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
        if (isThere && !Files.isRegularFile(path)) throw new BadInput("not a file, as --durable needs one: " + text);
        var place = isThere
                ? path.toRealPath()
                : path.toAbsolutePath().getParent().toRealPath().resolve(path.getFileName());
        if (!Files.isWritable(isThere ? place : place.getParent()) || !Files.isWritable(place.getParent()))
            throw new BadInput("no permission to write the file for --durable: " + text);
        return place;
    }
}
