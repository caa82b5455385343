package dev.orchestrator.examples.catalog;

import picocli.CommandLine.IVersionProvider;

/** The version of the archive that the program was started from. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        var version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"file-catalog " + (version == null ? "(not packaged)" : version)};
    }
}
