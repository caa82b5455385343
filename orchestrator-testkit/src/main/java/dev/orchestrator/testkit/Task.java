package dev.orchestrator.testkit;

import dev.orchestrator.spi.Threads.Role;

/** One task of the scheduler: a job, a turn of a lane, something to tell, or the timers that are due. */
final class Task extends Participant {
    private final String name;
    private final Runnable body;

    Task(String name, Runnable body) {
        this.name = name;
        this.body = body;
    }

    static Task of(Role role, String name, Runnable body) {
        String kind = switch (role) {
            case WORKER -> "the worker of job ";
            case LANE -> "a turn of lane ";
            case TELLER -> "the teller ";
        };
        return new Task(kind + name, body);
    }

    void run() {
        body.run();
    }

    @Override
    public String toString() {
        return name;
    }

    /** What it is and where it stands. */
    String inWords() {
        if (thread == null) return name + ", which has not begun";
        return name + ", which waits at " + CallSite.ofUser(thread);
    }
}
