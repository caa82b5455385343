package dev.orchestrator.durable;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.Serial;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.AnnotationIntrospector;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.AnnotationIntrospectorPair;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.jsontype.NamedType;

/**
 * Tells Jackson how the members of sealed families are told apart, where the user has not: a property {@code @type} with the
 * member's simple name. That the members are looked for is Jackson's own doing.
 *
 * <p>It is asked after the annotations of the user, who are right whatever they say. Families of the JDK, such as
 * {@link java.time.ZoneId}, have a form of their own.
 */
final class SealedFamilies extends NopAnnotationIntrospector {
    /** The name of the property. */
    static final String PROPERTY = "@type";

    /** A record that has become a member since it was stored has no {@code @type} yet, and can be read as itself. */
    private static final Boolean REQUIRED = Boolean.FALSE;

    @Serial
    private static final long serialVersionUID = 1;

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        if (!(annotated instanceof AnnotatedClass type) || Enum.class.isAssignableFrom(type.getRawType())) return null;
        if (!isFamily(type.getRawType()) && !isMember(type.getRawType())) return null;
        return JsonTypeInfo.Value.construct(
                JsonTypeInfo.Id.NAME, JsonTypeInfo.As.PROPERTY, PROPERTY, null, false, REQUIRED);
    }

    @Override
    public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
        if (annotated instanceof AnnotatedClass type && isOurs(type)) checkNames(type.getRawType());
        return null;
    }

    @Override
    public @Nullable String findTypeName(MapperConfig<?> config, AnnotatedClass annotated) {
        if (annotated.hasAnnotation(JsonTypeInfo.class)) return null;
        Class<?> type = classOf(annotated.getRawType());
        if (isMember(type)) return type.getSimpleName();
        Class<?> open = openMemberAbove(type);
        if (open == null) return null;
        throw new UnstorableException(type.getName() + " belongs to a sealed family through its member "
                + open.getName() + ", which is not sealed: who reads it cannot know it. Seal " + open.getSimpleName()
                + ", or say with @JsonTypeInfo and @JsonSubTypes how its types are told apart");
    }

    /** All that these say, and then this. */
    static AnnotationIntrospector after(AnnotationIntrospector users) {
        return new AnnotationIntrospectorPair(users, new SealedFamilies()) {
            @Serial
            private static final long serialVersionUID = 1;

            // The constants of an enum that have classes of their own make a sealed family of it, but are no types.
            @Override
            public @Nullable List<NamedType> findSubtypes(MapperConfig<?> config, Annotated annotated) {
                return Enum.class.isAssignableFrom(annotated.getRawType())
                        ? null
                        : super.findSubtypes(config, annotated);
            }
        };
    }

    /** Whether nobody else says how the members of that one are told apart. */
    private static boolean isOurs(AnnotatedClass type) {
        return isFamily(type.getRawType()) && !type.hasAnnotation(JsonTypeInfo.class);
    }

    private static void checkNames(Class<?> family) {
        Map<String, Class<?>> byName = new HashMap<>();
        for (Class<?> member : membersOf(family)) {
            Class<?> other = byName.put(nameOf(member), member);
            if (other == null) continue;
            throw new UnstorableException("the sealed family " + family.getName() + " has two members with the name "
                    + nameOf(member) + ", " + other.getName() + " and " + member.getName()
                    + ": stored, they could not be told apart. Rename one, or give it another name with"
                    + " @JsonTypeName");
        }
    }

    private static String nameOf(Class<?> member) {
        JsonTypeName name = member.getAnnotation(JsonTypeName.class);
        return name == null || name.value().isEmpty() ? member.getSimpleName() : name.value();
    }

    /** All below a type, by way of what the sealed ones permit. */
    static Set<Class<?>> membersOf(Class<?> family) {
        Set<Class<?>> members = new LinkedHashSet<>();
        if (isFamily(family))
            for (Class<?> member : family.getPermittedSubclasses())
                if (members.add(member)) members.addAll(membersOf(member));
        return members;
    }

    /** Whether a type is sealed by a user; an enum is, unasked, if its constants have bodies. */
    static boolean isFamily(Class<?> type) {
        return type.isSealed() && !Enum.class.isAssignableFrom(type) && !isOfThePlatform(type);
    }

    private static boolean isMember(Class<?> type) {
        return supertypes(type).anyMatch(above -> isFamily(above));
    }

    /** The member of a family by which a type that is not permitted itself belongs to it; null if none. */
    private static @Nullable Class<?> openMemberAbove(Class<?> type) {
        for (Class<?> above : supertypes(type).toList()) {
            if (isMember(above)) return above;
            Class<?> further = openMemberAbove(above);
            if (further != null) return further;
        }
        return null;
    }

    private static Stream<Class<?>> supertypes(Class<?> type) {
        return Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()));
    }

    /** The enum of a constant that has a class of its own. */
    private static Class<?> classOf(Class<?> type) {
        Class<?> above = type.getSuperclass();
        return above != null && above.isEnum() ? above : type;
    }

    private static boolean isOfThePlatform(Class<?> type) {
        String name = type.getName();
        return name.startsWith("java.") || name.startsWith("javax.") || name.startsWith("tools.jackson.");
    }
}
