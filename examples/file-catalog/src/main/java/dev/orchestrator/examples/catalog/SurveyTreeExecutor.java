package dev.orchestrator.examples.catalog;

import dev.orchestrator.BaseExecutor;
import dev.orchestrator.JobContext;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** Walks a tree without reading a file. Whatever it cannot look at, somebody else will report. */
final class SurveyTreeExecutor extends BaseExecutor<SurveyTree, Amount> {
    @Override
    protected Amount process(SurveyTree job, JobContext context) throws IOException {
        var visitor = new Visitor(context);
        Files.walkFileTree(job.folder(), visitor);
        return visitor.seen;
    }

    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final JobContext context;
        private Amount seen = Amount.NONE;

        Visitor(JobContext context) {
            this.context = context;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            context.throwIfCancelled();
            if (attributes.isRegularFile()) seen = seen.plus(1, attributes.size());
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException error) {
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, IOException error) {
            return FileVisitResult.CONTINUE;
        }
    }
}
