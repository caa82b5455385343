package dev.orchestrator.examples.mailroom;

import dev.orchestrator.durable.Durable;
import dev.orchestrator.durable.JobFilter;
import dev.orchestrator.durable.JobState;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the database has at the end: the recorded endings of the durable jobs, and what the mail room booked and delivered.
 *
 * @param letters how many there should be
 * @param sent how many jobs have succeeded, as recorded
 * @param dead how many have failed for good, as recorded
 * @param open how many have no ending
 * @param booked how many endings were booked
 * @param bookedOnce how many letters have exactly one booking
 * @param bookedWrong how many bookings say something else than the delivery
 * @param delivered how many letters were delivered
 * @param runs how many times a worker began with a letter
 * @param smudged how many of them came of an address that was hard to read
 */
record Report(
        int letters,
        int sent,
        int dead,
        int open,
        int booked,
        int bookedOnce,
        int bookedWrong,
        int delivered,
        int runs,
        int smudged) {

    static Report of(Durable durable, Books books, int letters) {
        var recorded = durable.jobs().counts(JobFilter.all().ownedBy(MailRoom.NAME));
        int inAll = recorded.values().stream().mapToInt(Long::intValue).sum();
        int sent = recorded.get(JobState.SUCCEEDED).intValue();
        int dead = recorded.get(JobState.FAILED).intValue();
        return new Report(
                letters,
                sent,
                dead,
                inAll - sent - dead,
                books.endings(),
                books.count(
                        "select count(*) from (select letter from ending group by letter having count(*) = 1) once"),
                books.count("select count(*) from ending left join delivery using (letter)"
                        + " where (outcome = 'failed') <> (delivery.letter is null)"),
                books.count("select count(*) from delivery"),
                books.count("select count(*) from run"),
                (int) IntStream.rangeClosed(1, letters)
                        .mapToObj(DeliverLetter::new)
                        .filter(DeliverLetter::isSmudged)
                        .count());
    }

    /** Whether each letter has one recorded ending, and each ending was handled exactly once. */
    boolean addsUp() {
        return sent + dead == letters
                && open == 0
                && booked == letters
                && bookedOnce == letters
                && bookedWrong == 0
                && delivered == sent;
    }

    List<String> lines() {
        return List.of(
                "",
                "%4d letters, each on disk when it was accepted".formatted(letters),
                "%4d endings recorded: %d sent, %d dead letters; %d letters without one"
                        .formatted(sent + dead, sent, dead, open),
                "%4d endings booked, %d letters exactly once, %d wrongly".formatted(booked, bookedOnce, bookedWrong),
                "%4d letters delivered".formatted(delivered),
                "%4d runs: one for each letter, %d more since an address was hard to read, %d more since a process died"
                        .formatted(runs, smudged, Math.max(0, runs - letters - smudged)),
                addsUp() ? "It adds up." : "It does not add up.");
    }
}
