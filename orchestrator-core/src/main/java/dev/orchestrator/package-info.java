/**
 * Jobs, executors, orchestrators and the events between them: the framework that a user touches every day.
 *
 * <p>The way of the data is one circle:
 * <pre>caller -&gt; Orchestrator -&gt; Job -&gt; Dispatcher -&gt; Executor -&gt; Event -&gt; SignalBus -&gt; Orchestrator -&gt; State -&gt; caller</pre>
 *
 * <p>A {@linkplain dev.orchestrator.Job job} asks for work, an {@linkplain dev.orchestrator.JobExecutor executor} knows
 * how, an {@linkplain dev.orchestrator.BaseOrchestrator orchestrator} keeps the state and decides what, and
 * {@linkplain dev.orchestrator.Event events} on a {@linkplain dev.orchestrator.SignalBus bus} tell what happened.
 *
 * <p>Throughout this package a null argument is refused with a {@link java.lang.NullPointerException} unless the
 * parameter is marked {@link org.jspecify.annotations.Nullable}. P1 to P15 in these pages are the promises that the
 * project's README lists.
 */
@NullMarked
package dev.orchestrator;

import org.jspecify.annotations.NullMarked;
