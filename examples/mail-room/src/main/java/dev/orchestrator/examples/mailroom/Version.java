package dev.orchestrator.examples.mailroom;

import picocli.CommandLine.IVersionProvider;

/** The version of the archive that the program was started from. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        var version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"mail-room " + (version == null ? "(not packaged)" : version)};
    }
}
