/**
 * The desk of a small weather service, whose server is slow and fails at times: caches, optimistic edits, a saga.
 *
 * <p>Read {@link dev.orchestrator.examples.desk.Desk} first, which puts it together, and then
 * {@link dev.orchestrator.examples.desk.StationsOrchestrator} and {@link dev.orchestrator.examples.desk.LaunchOrchestrator},
 * which decide what happens. {@link dev.orchestrator.examples.desk.Tour} is the user, and waits after each act until the
 * desk is quiet. A {@link dev.orchestrator.examples.desk.View} shows rows, which are states, and lines, which are
 * what happens once.
 */
@NullMarked
package dev.orchestrator.examples.desk;

import org.jspecify.annotations.NullMarked;
