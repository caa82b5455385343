package dev.orchestrator.durable;

import java.time.Duration;

/**
 * How a {@link Durable} works.
 *
 * @param workers how many works it does at the same time; 0 for none
 * @param poll how often it looks for due works and for news when nobody wakes it
 * @param lease how long a process that says nothing counts as alive
 * @param keep how long ended jobs are kept
 * @param grace how long a closing lets attempts go on
 * @param mostCrashes after how many lost workers a work fails
 */
record Settings(int workers, Duration poll, Duration lease, Duration keep, Duration grace, int mostCrashes) {}
