package dev.orchestrator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The layout of the core: what it depends on, what it shows, and what it never does. */
class LayoutTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.orchestrator");

    @Test
    void the_core_is_here() {
        assertThat(CORE.size()).isGreaterThan(100);
        assertThat(CORE.contain(SignalBus.class)).isTrue();
    }

    // ---- what it depends on ----

    @Test
    void the_core_needs_the_jdk_and_nothing_else() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.orchestrator..")
                .check(CORE);
    }

    @Test
    void the_module_requires_annotations_only_and_exports_no_internal_package() throws IOException {
        ModuleDescriptor module = moduleOf(SignalBus.class);
        assertThat(module.requires())
                .filteredOn(it -> !it.name().equals("java.base"))
                .singleElement()
                .satisfies(it -> {
                    assertThat(it.name()).isEqualTo("org.jspecify");
                    assertThat(it.modifiers()).contains(ModuleDescriptor.Requires.Modifier.STATIC);
                });
        assertThat(module.exports().stream().map(ModuleDescriptor.Exports::source))
                .containsExactlyInAnyOrder("dev.orchestrator", "dev.orchestrator.spi");
        assertThat(module.opens()).isEmpty();
    }

    /** What the module of a class says of itself, on the module path and on the class path. */
    private static ModuleDescriptor moduleOf(Class<?> oneOfIt) throws IOException {
        var place = oneOfIt.getProtectionDomain().getCodeSource().getLocation();
        try (var in = Files.newInputStream(Path.of(URI.create(place.toString())).resolve("module-info.class"))) {
            return ModuleDescriptor.read(in);
        }
    }

    @Test
    void the_doors_know_of_the_house_what_everybody_knows() {
        classes()
                .that()
                .resideInAPackage("dev.orchestrator.spi")
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage("dev.orchestrator"))
                        .or(describe("are public", used -> used.getModifiers().contains(JavaModifier.PUBLIC))))
                .check(CORE);
    }

    /** Both ways between the core and its doors; no other packages know each other. */
    @Test
    void the_packages_stand_in_no_circle() {
        SlicesRuleDefinition.slices()
                .assignedFrom(new PackagesWithCoreAndDoorsAsOne())
                .should()
                .beFreeOfCycles()
                .check(CORE);
    }

    private static final class PackagesWithCoreAndDoorsAsOne implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName().replaceFirst("\\.spi$", ""));
        }

        @Override
        public String getDescription() {
            return "packages, the core and its doors as one";
        }
    }

    // ---- what it never does ----

    /** A rule, and a class that breaks it. */
    private record Never(ArchRule rule, Class<?> wrong) {
        @Override
        public String toString() {
            return rule.getDescription();
        }
    }

    private static Stream<Never> never() {
        return Stream.of(
                new Never(noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED), Synchronized.class),
                new Never(
                        noClasses().should().callMethodWhere(calls(Object.class, "wait|notify|notifyAll")),
                        Notifies.class),
                new Never(noClasses().should().callMethodWhere(calls(Thread.class, "sleep")), Sleeps.class),
                new Never(
                        noClasses()
                                .should()
                                .dependOnClassesThat(resideInAPackage("java.util.concurrent.locks")
                                        .and(not(type(ReentrantLock.class)))),
                        LocksOtherwise.class),
                new Never(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS, Prints.class),
                new Never(
                        noClasses()
                                .that()
                                .doNotBelongToAnyOf(Running.class)
                                .should()
                                .dependOnClassesThat()
                                .areAssignableTo(ThreadLocal.class),
                        KeepsPerThread.class),
                new Never(
                        noClasses()
                                .that()
                                .doNotBelongToAnyOf(OverriddenHooks.class)
                                .should()
                                .dependOnClassesThat(
                                        resideInAPackage("java.lang.reflect").and(not(type(Modifier.class)))),
                        Reflects.class),
                new Never(
                        noClasses()
                                .that()
                                .doNotBelongToAnyOf(OverriddenHooks.class)
                                .should()
                                .callMethodWhere(
                                        calls(
                                                Class.class,
                                                "forName|newInstance|get(Declared)?(Method|Constructor|Field)s?|getRecordComponents")),
                        LoadsByName.class),
                new Never(
                        noClasses()
                                .that()
                                .doNotBelongToAnyOf(OverriddenHooks.class)
                                .should()
                                .dependOnClassesThat(are(type(ClassValue.class))),
                        KeepsPerClass.class),
                new Never(
                        noClasses()
                                .that()
                                .doNotBelongToAnyOf(Construction.class)
                                .should()
                                .dependOnClassesThat(are(type(StackWalker.class))),
                        WalksTheStack.class),
                new Never(fields().that().areStatic().should().beFinal(), StaticState.class));
    }

    private static DescribedPredicate<JavaMethodCall> calls(Class<?> owner, String names) {
        return describe(
                owner.getSimpleName() + "." + names,
                call -> call.getTargetOwner().isAssignableTo(owner)
                        && call.getName().matches(names));
    }

    @ParameterizedTest
    @MethodSource("never")
    void the_core_never_does_that(Never never) {
        never.rule().check(CORE);
    }

    @ParameterizedTest
    @MethodSource("never")
    void each_rule_finds_what_is_wrong(Never never) {
        JavaClasses wrong = new ClassFileImporter().importClasses(never.wrong());
        assertThatThrownBy(() -> never.rule().check(wrong)).isInstanceOf(AssertionError.class);
    }

    /** No class that breaks this one can be compiled here: the module does not read that of java.util.logging. */
    @Test
    void nothing_logs_but_through_the_logger_of_the_platform() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging")
                .check(CORE);
    }

    private static final Pattern SYNCHRONIZED_BLOCK = Pattern.compile("\\bsynchronized\\s*\\(");

    /** Rules read class files, where such a block leaves nothing that they see; so this one reads the source. */
    @Test
    void no_block_is_synchronized() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(100);
            for (Path source : sources)
                assertThat(hasSynchronizedBlock(Files.readString(source)))
                        .as(source.toString())
                        .isFalse();
        }
        assertThat(hasSynchronizedBlock("void run() { synchronized (lock) {} }"))
                .isTrue();
    }

    private static boolean hasSynchronizedBlock(String source) {
        return SYNCHRONIZED_BLOCK.matcher(source).find();
    }

    // ---- what it shows ----

    /** A new public type is a decision: it is added here. */
    @Test
    void the_public_types_are_these() {
        String types = CORE.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                .map(JavaClass::getSimpleName)
                .sorted()
                .collect(Collectors.joining(" "));
        assertThat(types)
                .isEqualTo("AsyncJobCall AsyncJobExecutor AsyncJobInterceptor AsyncState"
                        + " AttemptReports BaseEvent BaseExecutor BaseJob BaseOrchestrator"
                        + " CancelRunning CancellationToken Compensation CompensationFailedException"
                        + " DispatchInterceptor Dispatcher DrivenType ErrorHandler Event EventInfo"
                        + " ExecutorNotFoundException Job JobCall JobCancelledEvent"
                        + " JobCancelledException JobContext JobControl JobDataEvent JobDriver"
                        + " JobEvent JobExecutor JobFailureEvent JobHandle JobHandlers JobIds"
                        + " JobInterceptor JobOptions JobProgress JobProgressEvent"
                        + " JobRejectedException JobResult JobRetryingEvent JobSnapshot"
                        + " JobStartedEvent JobSuccessEvent JobTimeoutEvent JobTimeoutException"
                        + " JobWithOptions LoopDetectedException NonRetryable Optimistic"
                        + " OrchestratorControl Origin OverflowRule Patches Probe Refetch RetryPolicy"
                        + " RunLimit Saga SagaDefinition SagaEvent SagaFlow SagaReport SagaRun"
                        + " SagaStep SameKeyRule SharedWork SharingContext SharingExecutor SignalBus"
                        + " StateEntry StateHolder Subscription TerminalEvent Threads Time");
    }

    // ---- what is wrong ----

    private static final class Synchronized {
        synchronized void run() {}
    }

    private static final class Notifies {
        void run() {
            notifyAll();
        }
    }

    private static final class Sleeps {
        void run() throws InterruptedException {
            Thread.sleep(Duration.ofMillis(1));
        }
    }

    private static final class LocksOtherwise {
        final StampedLock lock = new StampedLock();
    }

    private static final class Prints {
        void run() {
            System.out.println();
        }
    }

    private static final class KeepsPerThread {
        final InheritableThreadLocal<String> name = new InheritableThreadLocal<>();
    }

    private static final class Reflects {
        Object run(Method method) throws ReflectiveOperationException {
            return method.invoke(this);
        }
    }

    private static final class LoadsByName {
        Class<?> run() throws ClassNotFoundException {
            return Class.forName("dev.orchestrator.Plugin");
        }
    }

    private static final class KeepsPerClass extends ClassValue<String> {
        @Override
        protected String computeValue(Class<?> type) {
            return type.getName();
        }
    }

    private static final class WalksTheStack {
        final StackWalker stack = StackWalker.getInstance();
    }

    private static final class StaticState {
        static int count;
    }
}
