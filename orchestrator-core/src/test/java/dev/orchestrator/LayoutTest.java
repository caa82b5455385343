package dev.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The layout of the core: what it depends on, what it shows, and what it never does. */
class LayoutTest {
    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.orchestrator");

    @Test
    void the_core_needs_the_jdk_and_nothing_else() {
        assertThat(CORE).isNotEmpty();
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify.annotations", "dev.orchestrator..")
                .check(CORE);
    }

    @Test
    void the_doors_know_of_the_house_what_everybody_knows() {
        classes()
                .that()
                .resideInAPackage("dev.orchestrator.spi")
                .should()
                .onlyDependOnClassesThat(JavaClass.Predicates.resideOutsideOfPackage("dev.orchestrator")
                        .or(HasModifiers.Predicates.modifier(JavaModifier.PUBLIC)))
                .check(CORE);
    }

    @Test
    void nothing_is_synchronized_and_nothing_sleeps() {
        methods().should().notHaveModifier(JavaModifier.SYNCHRONIZED).check(CORE);
        noClasses().should().callMethod(Thread.class, "sleep", long.class).check(CORE);
    }

    /** A new public type is a decision: it is added here. */
    @Test
    void the_public_types_are_these() {
        String types = CORE.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                .map(JavaClass::getSimpleName)
                .sorted()
                .collect(Collectors.joining(" "));
        assertThat(types)
                .isEqualTo("AsyncJobCall AsyncJobExecutor AsyncJobInterceptor BaseEvent BaseExecutor BaseJob"
                        + " BaseOrchestrator CancelRunning CancellationToken DispatchInterceptor Dispatcher"
                        + " ErrorHandler Event EventInfo ExecutorNotFoundException Job JobCall"
                        + " JobCancelledEvent JobCancelledException JobContext JobDataEvent JobEvent"
                        + " JobExecutor JobFailureEvent JobHandle JobHandlers JobIds JobInterceptor JobOptions"
                        + " JobProgress JobProgressEvent JobRejectedException JobResult JobRetryingEvent"
                        + " JobSnapshot JobStartedEvent JobSuccessEvent JobTimeoutEvent JobTimeoutException"
                        + " JobWithOptions LoopDetectedException NonRetryable OrchestratorControl Origin"
                        + " OverflowRule Probe RetryPolicy RunLimit SignalBus Subscription TerminalEvent"
                        + " Threads Time");
    }
}
