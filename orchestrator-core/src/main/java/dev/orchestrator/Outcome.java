package dev.orchestrator;

import org.jspecify.annotations.Nullable;

/** What a stage completed with: a value, or an error if there is one. */
record Outcome(@Nullable Object value, @Nullable Throwable error) {
    @Nullable
    Object valueOrThrow() {
        if (error != null) throw Thrown.asIs(Thrown.unwrapped(error));
        return value;
    }
}
