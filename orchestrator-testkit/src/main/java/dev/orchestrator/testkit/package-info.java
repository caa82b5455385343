/**
 * Test world, virtual time, deterministic scheduler, fakes and assertions for code built on the library.
 *
 * <p>Null is refused everywhere unless a parameter says otherwise.
 */
@NullMarked
package dev.orchestrator.testkit;

import org.jspecify.annotations.NullMarked;
