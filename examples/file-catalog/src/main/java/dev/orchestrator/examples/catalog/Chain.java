package dev.orchestrator.examples.catalog;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An immutable list that grows at its end by one small object, however long it is: made for a state that is replaced at
 * every event. Two chains are equal only if they are the same, so that comparing two states is cheap.
 */
final class Chain<T> {
    private static final Chain<?> EMPTY = new Chain<>(null, null, 0);

    private final @Nullable Chain<T> before;
    private final @Nullable T last;
    private final int size;

    private Chain(@Nullable Chain<T> before, @Nullable T last, int size) {
        this.before = before;
        this.last = last;
        this.size = size;
    }

    @SuppressWarnings("unchecked") // it has no elements
    static <T> Chain<T> empty() {
        return (Chain<T>) EMPTY;
    }

    Chain<T> plus(T element) {
        return new Chain<>(this, element, size + 1);
    }

    Chain<T> plusAll(List<T> elements) {
        var longer = this;
        for (T element : elements) longer = longer.plus(element);
        return longer;
    }

    int size() {
        return size;
    }

    /** The elements, in the order in which they were added. */
    List<T> toList() {
        var elements = new ArrayList<T>(size);
        for (Chain<T> link = this; link != null && link.last != null; link = link.before) elements.add(link.last);
        Collections.reverse(elements);
        return elements;
    }
}
