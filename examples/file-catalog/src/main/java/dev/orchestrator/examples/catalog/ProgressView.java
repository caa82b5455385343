package dev.orchestrator.examples.catalog;

/** Shows how far the catalogue is. Called by one thread at a time; it is given some of the states, not every one. */
interface ProgressView extends AutoCloseable {
    void show(CatalogState state);

    @Override
    void close();

    /** Shows nothing. */
    final class None implements ProgressView {
        @Override
        public void show(CatalogState state) {}

        @Override
        public void close() {}
    }
}
