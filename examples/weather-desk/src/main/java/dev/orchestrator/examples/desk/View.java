package dev.orchestrator.examples.desk;

/** What the user sees. Any thread may call. */
interface View extends AutoCloseable {
    /** Something else begins. */
    void scene(String title);

    /** A row is like that from now on. */
    void row(String name, String text);

    /** Something happened. */
    void line(String kind, String text);

    @Override
    void close();
}
