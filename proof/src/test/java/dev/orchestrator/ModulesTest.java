package dev.orchestrator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;
import dev.orchestrator.cache.CacheStore;
import dev.orchestrator.durable.Durable;
import dev.orchestrator.resilience4j.Resilience;
import dev.orchestrator.testkit.Gate;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layout of the modules that are published: arrows point to the core and nowhere else. LayoutTest in the core looks
 * closer at that one.
 */
class ModulesTest {
    /** A module: its classes, and the packages that it may know beside the JDK, the core and its own. */
    private record Published(String name, JavaClasses classes, String[] builtOn, String publicTypes) {
        static Published module(String name, Class<?> oneOfIt, String publicTypes, String... builtOn) {
            var place = oneOfIt.getProtectionDomain().getCodeSource().getLocation();
            var classes = new ClassFileImporter().importLocations(List.of(Location.of(place)));
            return new Published(name, classes, builtOn, publicTypes);
        }

        String itsPackage() {
            return "dev.orchestrator" + name;
        }

        @Override
        public String toString() {
            return itsPackage();
        }
    }

    private static final Published CORE = Published.module("", SignalBus.class, "");

    /** A new public type is a decision: it is added here. */
    private static Stream<Published> adapters() {
        return Stream.of(
                Published.module(
                        ".testkit",
                        Gate.class,
                        "FakeConnectivity Gate Interleavings JobAssert JobResultAssert OrchestratorAssertions"
                                + " OrchestratorTest RecordedEvents RecordingDispatcher Scenario ScriptedExecutor"
                                + " TestWorld Timeline TimelineAssert VirtualTime",
                        "org.junit.jupiter.api..",
                        "org.junit.platform.commons..",
                        "org.opentest4j..",
                        "org.assertj.core.."),
                Published.module(".resilience4j", Resilience.class, "JobGuard Resilience", "io.github.resilience4j.."),
                Published.module(
                        ".cache",
                        CacheStore.class,
                        "CacheEntry CacheMode CacheStore CacheTrouble Cached Codec Entries Invalidation JobCache"
                                + " NotCachedException SqliteStore StoreKey StoredValue",
                        "com.github.benmanes.caffeine.cache..",
                        "org.sqlite.."),
                Published.module(
                        ".durable",
                        Durable.class,
                        "Attachment Attachments Condition Conditions DeadLetters Durable DurableJob DurableJobs"
                                + " DurableOptions DurableStore DurableStoreException FailedAttempt Handling JobFilter"
                                + " JobState OfflineException Page RecordedAction Recurrence SignalledCondition"
                                + " StoredErrorException",
                        "com.github.kagkarlsson.scheduler..",
                        "com.github.kagkarlsson.shaded..",
                        "com.zaxxer.hikari..",
                        "javax.sql",
                        "org.slf4j..",
                        "org.sqlite..",
                        "org.postgresql..",
                        "com.fasterxml.jackson.annotation..",
                        "tools.jackson.."));
    }

    @Test
    void the_modules_are_here() {
        assertThat(CORE.classes().contain(SignalBus.class)).isTrue();
        assertThat(adapters())
                .hasSize(4)
                .allSatisfy(it -> assertThat(it.classes()).isNotEmpty());
    }

    @Test
    void the_core_knows_no_adapter() {
        withinReachOf(CORE).check(CORE.classes());
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void an_adapter_knows_the_core_and_what_it_is_built_on(Published adapter) {
        withinReachOf(adapter).check(adapter.classes());
    }

    private static ArchRule withinReachOf(Published module) {
        var packages = Stream.concat(
                Stream.of(
                        "java..",
                        "org.jspecify.annotations",
                        "dev.orchestrator",
                        "dev.orchestrator.spi",
                        module.itsPackage()),
                Stream.of(module.builtOn()));
        return classes().should().onlyDependOnClassesThat().resideInAnyPackage(packages.toArray(String[]::new));
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void an_adapter_is_one_package(Published adapter) {
        assertThat(adapter.classes().stream().map(JavaClass::getPackageName).filter(name -> !name.isEmpty()))
                .containsOnly(adapter.itsPackage());
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void the_public_types_of_an_adapter_are_these(Published adapter) {
        String types = adapter.classes().stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC) && type.isTopLevelClass())
                .map(JavaClass::getSimpleName)
                .sorted()
                .collect(Collectors.joining(" "));
        assertThat(types).isEqualTo(adapter.publicTypes());
    }

    private static final List<ArchRule> NEVER = List.of(
            noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED),
            noClasses()
                    .should()
                    .callMethodWhere(DescribedPredicate.describe(
                            "Thread.sleep",
                            call -> call.getTargetOwner().isAssignableTo(Thread.class)
                                    && call.getName().equals("sleep"))),
            noClasses()
                    .that()
                    .doNotHaveSimpleName("Seed") // prints which seed has failed
                    .should(ACCESS_STANDARD_STREAMS),
            noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging"));

    @ParameterizedTest
    @MethodSource("adapters")
    void no_adapter_is_synchronized_or_sleeps_or_writes_to_the_console(Published adapter) {
        for (ArchRule rule : NEVER) rule.check(adapter.classes());
    }

    // ---- what is wrong ----

    private static final class Wrong {
        synchronized void run() throws InterruptedException {
            Logger.getGlobal().info(Resilience.class.getName());
            System.out.println(Thread.currentThread());
            Thread.sleep(1);
        }
    }

    @Test
    void each_rule_finds_what_is_wrong() {
        JavaClasses wrong = new ClassFileImporter().importClasses(Wrong.class);
        assertThat(Stream.concat(NEVER.stream(), Stream.of(withinReachOf(CORE))))
                .allSatisfy(rule -> assertThatThrownBy(() -> rule.check(wrong)).isInstanceOf(AssertionError.class));
    }
}
