package dev.orchestrator;

/** Which hooks an orchestrator's class has of its own; looked up once per class. */
record OverriddenHooks(boolean passiveEvent, boolean started, boolean progress, boolean failure, boolean timeout) {
    private static final ClassValue<OverriddenHooks> BY_CLASS = new ClassValue<>() {
        @Override
        protected OverriddenHooks computeValue(Class<?> type) {
            return new OverriddenHooks(
                    isOverridden(type, "onPassiveEvent", Event.class),
                    isOverridden(type, "onActiveStarted", JobStartedEvent.class),
                    isOverridden(type, "onActiveProgress", JobProgressEvent.class),
                    isOverridden(type, "onActiveFailure", JobFailureEvent.class),
                    isOverridden(type, "onActiveTimeout", JobTimeoutEvent.class));
        }
    };

    static OverriddenHooks of(Class<?> type) {
        return BY_CLASS.get(type);
    }

    private static boolean isOverridden(Class<?> type, String name, Class<?> parameter) {
        for (Class<?> at = type; at != null && at != BaseOrchestrator.class; at = at.getSuperclass()) {
            for (var method : at.getDeclaredMethods()) {
                if (method.getName().equals(name)
                        && method.getParameterCount() == 1
                        && method.getParameterTypes()[0] == parameter) return true;
            }
        }
        return false;
    }
}
