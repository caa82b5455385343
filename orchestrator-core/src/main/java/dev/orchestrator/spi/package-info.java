/** The clock and the threads of a scope: what a deterministic test or another runtime puts in place of the real ones. */
@NullMarked
package dev.orchestrator.spi;

import org.jspecify.annotations.NullMarked;
