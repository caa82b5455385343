package dev.orchestrator;

import dev.orchestrator.spi.Threads;
import dev.orchestrator.spi.Time;

/** What everything in the world of one bus shares: its clock, its threads, its ids, its wall and its probe. */
record Scope(Time time, Threads threads, Ids ids, UserCode wall, Probed probe) {}
