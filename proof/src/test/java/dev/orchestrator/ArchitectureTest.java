package dev.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import java.net.URL;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The modules and what each may depend on, as docs/architecture.md says; and what no module does. */
class ArchitectureTest {
    private static final JavaClasses CORE = moduleOf(SignalBus.class);
    private static final JavaClasses TEST_KIT = moduleOf(dev.orchestrator.testkit.TestWorld.class);
    private static final JavaClasses RESILIENCE4J = moduleOf(dev.orchestrator.resilience4j.Resilience.class);

    /** The folder or jar of a module, whole. */
    private static JavaClasses moduleOf(Class<?> oneOfIt) {
        URL where = oneOfIt.getProtectionDomain().getCodeSource().getLocation();
        return new ClassFileImporter().importLocations(List.of(Location.of(where)));
    }

    private static final ArchRule NO_OTHER_LOCKS = fields().that()
            .haveRawType(com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(Lock.class))
            .should()
            .haveRawType(ReentrantLock.class);

    private static final ArchRule NO_OUTPUT =
            noClasses().should().accessField(System.class, "out").orShould().accessField(System.class, "err");

    private static final ArchRule NO_REFLECTION = noClasses()
            .that()
            .haveNameNotMatching("dev\\.orchestrator\\.(OverriddenHooks|Construction|ExecutorTable)(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.lang.reflect");

    @Test
    void the_modules_are_there() {
        assertThat(CORE.size()).isGreaterThan(100);
        assertThat(TEST_KIT.size()).isGreaterThan(20);
        assertThat(RESILIENCE4J.size()).isGreaterThan(3);
    }

    @Test
    void arrows_point_to_the_core_and_nowhere_else() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.orchestrator", "dev.orchestrator.spi")
                .check(CORE);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.orchestrator.resilience4j..")
                .check(TEST_KIT);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.orchestrator.testkit..")
                .check(RESILIENCE4J);
    }

    @Test
    void each_module_has_the_packages_of_its_own() {
        assertThat(packagesOf(CORE)).containsExactlyInAnyOrder("dev.orchestrator", "dev.orchestrator.spi");
        assertThat(packagesOf(TEST_KIT)).containsExactly("dev.orchestrator.testkit");
        assertThat(packagesOf(RESILIENCE4J)).containsExactly("dev.orchestrator.resilience4j");
    }

    private static Collection<String> packagesOf(JavaClasses module) {
        return module.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> !name.isEmpty()) // the descriptor
                .collect(Collectors.toSet());
    }

    @Test
    void the_public_types_of_the_adapters_are_these() {
        assertThat(publicTypesOf(TEST_KIT))
                .isEqualTo("FakeConnectivity Gate Interleavings JobAssert JobResultAssert OrchestratorAssertions"
                        + " OrchestratorTest RecordedEvents RecordingDispatcher Scenario ScriptedExecutor TestWorld"
                        + " Timeline TimelineAssert VirtualTime");
        assertThat(publicTypesOf(RESILIENCE4J)).isEqualTo("JobGuard Resilience");
    }

    private static String publicTypesOf(JavaClasses module) {
        return module.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                .map(JavaClass::getSimpleName)
                .sorted()
                .collect(Collectors.joining(" "));
    }

    @Test
    void the_core_knows_one_kind_of_lock_and_writes_nothing_out() {
        NO_OTHER_LOCKS.check(CORE);
        NO_OUTPUT.check(CORE);
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging")
                .check(CORE);
    }

    @Test
    void one_class_of_the_core_has_a_thread_local() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Running.class.getName())
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocal.class)
                .check(CORE);
    }

    @Test
    void three_classes_of_the_core_look_at_classes() {
        NO_REFLECTION.check(CORE);
    }

    // ---- the rules bite ----

    static final class Wrong {
        final java.util.concurrent.locks.ReentrantReadWriteLock.ReadLock lock =
                new java.util.concurrent.locks.ReentrantReadWriteLock().readLock();

        void write() throws NoSuchMethodException {
            System.out.println(Wrong.class.getDeclaredMethod("write").getName());
        }
    }

    @Test
    void the_rules_find_what_is_wrong() {
        JavaClasses wrong = new ClassFileImporter().importClasses(Wrong.class);
        for (ArchRule rule : List.of(NO_OTHER_LOCKS, NO_OUTPUT, NO_REFLECTION))
            assertThatThrownBy(() -> rule.check(wrong)).isInstanceOf(AssertionError.class);
    }
}
