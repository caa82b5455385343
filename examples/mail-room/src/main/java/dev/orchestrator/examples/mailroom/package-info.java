/**
 * A mail room of several processes on one PostgreSQL: a front that takes letters in, and workers that deliver them. Kill any
 * of them.
 *
 * <p>Read {@link dev.orchestrator.examples.mailroom.MailRoom} first, the orchestrator that keeps the state, and then
 * {@link dev.orchestrator.examples.mailroom.Carrier}, the executor that delivers. {@link dev.orchestrator.examples.mailroom.Front}
 * and {@link dev.orchestrator.examples.mailroom.Worker} are the processes around them,
 * {@link dev.orchestrator.examples.mailroom.Show} starts all of them and kills some, and
 * {@link dev.orchestrator.examples.mailroom.Report} tells whether each letter had one ending that was handled once.
 */
@NullMarked
package dev.orchestrator.examples.mailroom;

import org.jspecify.annotations.NullMarked;
