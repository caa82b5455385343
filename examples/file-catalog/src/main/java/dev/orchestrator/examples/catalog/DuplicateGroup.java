package dev.orchestrator.examples.catalog;

import java.nio.file.Path;
import java.util.List;

/**
 * Files with the same content.
 *
 * @param wasted how many bytes would be free if there were one of them; several names of one file waste nothing
 */
record DuplicateGroup(Sha256 hash, long size, long wasted, List<Path> files) {}
