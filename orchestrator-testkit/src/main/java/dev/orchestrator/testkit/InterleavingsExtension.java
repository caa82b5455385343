package dev.orchestrator.testkit;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Makes one invocation of a test for each seed, until one fails. */
final class InterleavingsExtension implements TestTemplateInvocationContextProvider {
    InterleavingsExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), Interleavings.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        var annotation = context.getRequiredTestMethod().getAnnotation(Interleavings.class);
        var failed = new AtomicBoolean();
        // JUnit takes one context, runs it, and then takes the next.
        return seeds(annotation).takeWhile(seed -> !failed.get()).mapToObj(seed -> new Seeded(seed, failed));
    }

    private static LongStream seeds(Interleavings annotation) {
        String ofProperty = System.getProperty(Interleavings.SEED);
        if (ofProperty != null) return LongStream.of(parse(ofProperty));
        if (annotation.seed() != 0) return LongStream.of(annotation.seed());
        if (annotation.value() < 1)
            throw new IllegalArgumentException("@Interleavings needs at least 1 seed, was given " + annotation.value());
        return LongStream.rangeClosed(1, annotation.value());
    }

    private static long parse(String seed) {
        try {
            return Long.parseLong(seed.strip());
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    "the system property " + Interleavings.SEED + " must be a whole number, was '" + seed + "'",
                    notANumber);
        }
    }

    private record Seeded(long seed, AtomicBoolean failed)
            implements TestTemplateInvocationContext, BeforeEachCallback {
        @Override
        public String getDisplayName(int invocation) {
            return "seed " + seed;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public void beforeEach(ExtensionContext context) {
            context.getStore(WorldExtension.NAMESPACE).put(WorldExtension.SEED, new Seed(seed, failed));
        }
    }
}
