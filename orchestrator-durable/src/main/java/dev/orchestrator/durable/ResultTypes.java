package dev.orchestrator.durable;

import dev.orchestrator.Job;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds what a type of jobs gives back: the R of the {@code Job<R>} that it is. */
final class ResultTypes {
    private ResultTypes() {}

    /**
     * The type of the results.
     *
     * @throws IllegalArgumentException if the type leaves it open
     */
    static Type of(Class<? extends Job<?>> type) {
        Type result = find(type, Map.of());
        if (result == null || hasOpenPart(result))
            throw new IllegalArgumentException("what jobs of type " + type.getName() + " give back is left open"
                    + (result == null ? "" : " (" + result.getTypeName() + ")")
                    + ", so stored results could not be read. Register types that say it: implements Job<Receipt>");
        if (result == Object.class)
            throw new IllegalArgumentException("jobs of type " + type.getName()
                    + " give back any Object, so stored results could not be read as what they were. Name the type");
        return result;
    }

    private static @Nullable Type find(Type type, Map<TypeVariable<?>, Type> known) {
        if (!(raw(type) instanceof Class<?> raw) || !Job.class.isAssignableFrom(raw)) return null;
        Map<TypeVariable<?>, Type> here =
                type instanceof ParameterizedType made ? arguments(raw, made, known) : Map.of();
        if (raw == Job.class) return here.get(Job.class.getTypeParameters()[0]);
        return Stream.concat(Stream.ofNullable(raw.getGenericSuperclass()), Arrays.stream(raw.getGenericInterfaces()))
                .map(above -> find(above, here))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable Object raw(Type type) {
        return type instanceof ParameterizedType made ? made.getRawType() : type;
    }

    private static Map<TypeVariable<?>, Type> arguments(
            Class<?> raw, ParameterizedType made, Map<TypeVariable<?>, Type> known) {
        Map<TypeVariable<?>, Type> arguments = new HashMap<>();
        TypeVariable<?>[] variables = raw.getTypeParameters();
        for (int i = 0; i < variables.length; i++)
            arguments.put(variables[i], put(made.getActualTypeArguments()[i], known));
        return arguments;
    }

    /** The type with what is known put in the place of its variables. */
    private static Type put(Type type, Map<TypeVariable<?>, Type> known) {
        return switch (type) {
            case TypeVariable<?> variable -> known.getOrDefault(variable, variable);
            case ParameterizedType made ->
                new Made(
                        (Class<?>) made.getRawType(),
                        made.getOwnerType(),
                        Arrays.stream(made.getActualTypeArguments())
                                .map(argument -> put(argument, known))
                                .toList());
            case GenericArrayType array -> new ArrayOf(put(array.getGenericComponentType(), known));
            case WildcardType wild -> put(wild.getUpperBounds()[0], known);
            default -> type;
        };
    }

    private static boolean hasOpenPart(Type type) {
        return switch (type) {
            case TypeVariable<?> variable -> true;
            case ParameterizedType made ->
                Arrays.stream(made.getActualTypeArguments()).anyMatch(ResultTypes::hasOpenPart);
            case GenericArrayType array -> hasOpenPart(array.getGenericComponentType());
            default -> false;
        };
    }

    private record Made(Class<?> raw, @Nullable Type owner, List<Type> arguments) implements ParameterizedType {
        @Override
        public Type[] getActualTypeArguments() {
            return arguments.toArray(new Type[0]);
        }

        @Override
        public Type getRawType() {
            return raw;
        }

        @Override
        public @Nullable Type getOwnerType() {
            return owner;
        }

        @Override
        public String toString() {
            return raw.getName()
                    + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(", ", "<", ">"));
        }
    }

    private record ArrayOf(Type component) implements GenericArrayType {
        @Override
        public Type getGenericComponentType() {
            return component;
        }

        @Override
        public String toString() {
            return component.getTypeName() + "[]";
        }
    }
}
