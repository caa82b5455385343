package dev.orchestrator.examples.mailroom;

import dev.orchestrator.durable.JobFilter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The process that takes letters in, is told their endings, and reports at the end. Started again, it goes on. */
@Command(
        name = "front",
        description =
                "Takes letters in, says how far it is, and reports when all have ended. Started again, it goes on.")
final class Front implements Callable<Integer> {
    @Mixin
    private SharedOptions options;

    @Option(names = "--letters", paramLabel = "N", description = "how many letters (default: ${DEFAULT-VALUE})")
    private int letters = 200;

    @Option(names = "--plain", description = "print a line each time, on a terminal too")
    private boolean isPlain;

    @Override
    public Integer call() throws InterruptedException {
        if (options.endsWithParent()) Parent.endWithIt();
        try (var office = new Office(options, 0);
                var screen = Screen.open(isPlain)) {
            office.deliverElsewhere();
            var room = new MailRoom(remembered(office), office.dispatcher, office.bus, office.durable, office.books);
            if (room.state().accepted() > 0) screen.line("The front goes on: " + room.state());
            office.durable.takeUp(room);
            work(office, room, screen);
            var report = Report.of(office.durable, office.books, letters);
            report.lines().forEach(screen::line);
            return report.addsUp() ? 0 : MailRoomProgram.DOES_NOT_ADD_UP;
        }
    }

    /** The state of its life before, from what is in the database. */
    private static MailRoomState remembered(Office office) {
        var counts = office.durable.jobs().counts(JobFilter.all().ownedBy(MailRoom.NAME));
        long accepted = counts.values().stream().mapToLong(Long::longValue).sum();
        return office.books.state(Math.toIntExact(accepted));
    }

    /** Letters are numbered in the order of acceptance, so the next one's number is known after a crash, too. */
    private void work(Office office, MailRoom room, Screen screen) throws InterruptedException {
        var over = new CountDownLatch(1);
        room.onState(MailRoomState::ended, ended -> {
            if (ended == letters) over.countDown();
        });
        boolean isOver;
        do {
            for (int i = 0; i < office.lettersPerTick() && room.state().accepted() < letters; i++)
                room.accept(new DeliverLetter(room.state().accepted() + 1));
            isOver = over.await(office.tick().toMillis(), TimeUnit.MILLISECONDS);
            screen.status(room.state().toString());
        } while (!isOver);
    }
}
