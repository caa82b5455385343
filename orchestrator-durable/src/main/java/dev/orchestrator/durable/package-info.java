/**
 * Jobs that are on disk before their dispatch returns, run on whichever process is alive, and whose endings come back to
 * the orchestrator that asked, also after a restart.
 *
 * <p>The queueing itself is that of <a href="https://github.com/kagkarlsson/db-scheduler">db-scheduler</a>, on SQLite or
 * PostgreSQL; what is added here is the meaning: names, payloads, endings, ownership, events, dead letters.
 */
@NullMarked
package dev.orchestrator.durable;

import org.jspecify.annotations.NullMarked;
