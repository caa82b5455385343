package dev.orchestrator;

import java.util.function.Supplier;

/**
 * Something that has no room for one more, and is in somebody's way.
 *
 * @param place where one may wait for room
 * @param begun whether it has a lane that makes room; if not, nobody may wait
 * @param what what is full, and its bound, in words for people
 * @param remedy what its user can do about it, in words for people
 */
record Full(Awaited place, boolean begun, Supplier<String> what, String remedy) {}
