package dev.orchestrator.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Handle;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;

/**
 * Loads the core once more, with a count in front of every call by which its threads meet.
 *
 * <p>Counted is the call instruction, each time that it is reached: whether a compare-and-set succeeds or a lock was free
 * makes no difference, and a loop that tries again counts again. Found are the calls to methods that a class of one of the
 * {@linkplain Kind kinds} declares, through whatever subclass they are called. Not found are calls through a more general
 * type, as those to a concurrent set through {@code Set}, and what a call does inside the JDK: a future that is completed,
 * a thread that starts, a timer. A method reference to such a method is refused, since its call stands in no class file.
 *
 * <p>The work that is measured is loaded here too, since it has to meet these classes and not the usual ones; its own calls
 * are not counted. The counts belong to the JVM and not to a loader: one measurement at a time.
 */
public final class CountingLoader extends ClassLoader {
    /** Which methods are counted, of which classes. */
    enum Kind {
        ATOMIC(
                type -> type == VarHandle.class || type.getPackageName().equals("java.util.concurrent.atomic"),
                "compareAnd.*|weakCompareAnd.*|getAnd.*|.*AndGet|add|increment|decrement|accumulate"),
        LOCK(Lock.class::isAssignableFrom, "lock.*|tryLock"),
        QUEUE(
                type -> Queue.class.isAssignableFrom(type) || type.getName().equals(OWN_QUEUE),
                "(add|offer|put|push|poll|take|pop|remove|drop).*"),
        MAP(ConcurrentMap.class::isAssignableFrom, "(put|remove|replace|compute|merge).*");

        private final Predicate<Class<?>> types;
        private final Predicate<String> methods;

        Kind(Predicate<Class<?>> types, String methods) {
            this.types = types;
            this.methods = Pattern.compile(methods).asMatchPredicate();
        }
    }

    private static final String OWN_QUEUE = "dev.orchestrator.Mailbox";
    private static final ClassLoader USUAL = CountingLoader.class.getClassLoader();
    private static final ConcurrentHashMap<String, LongAdder> COUNTS = new ConcurrentHashMap<>();

    CountingLoader() {
        super(ClassLoader.getPlatformClassLoader()); // which knows nothing of ours, so that all comes to findClass
    }

    /** Called by the counted code, and by nobody else. */
    public static void count(String call) {
        COUNTS.computeIfAbsent(call, first -> new LongAdder()).increment();
    }

    /** Begins anew. */
    static void forget() {
        COUNTS.clear();
    }

    /** How often each call was reached since; its name begins with its {@link Kind}. */
    static Map<String, Long> counts() {
        var copy = new TreeMap<String, Long>();
        COUNTS.forEach((call, times) -> copy.put(call, times.sum()));
        return copy;
    }

    /** Makes one of that class, which meets the counted core, by its constructor without parameters. */
    Runnable make(Class<? extends Runnable> work) throws ReflectiveOperationException {
        var constructor = loadClass(work.getName()).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (Runnable) constructor.newInstance();
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (!isOurs(name) || name.startsWith(CountingLoader.class.getName())) return USUAL.loadClass(name);
        try (InputStream file = USUAL.getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) throw new ClassNotFoundException(name);
            byte[] code = file.readAllBytes();
            if (!name.startsWith(CountingLoader.class.getPackageName() + ".")) code = counting(code);
            return defineClass(name, code, 0, code.length);
        } catch (IOException e) {
            throw new ClassNotFoundException(name, e);
        }
    }

    private static boolean isOurs(String className) {
        return className.startsWith("dev.orchestrator.");
    }

    private static byte[] counting(byte[] code) {
        var reader = new ClassReader(code);
        var writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        String in = Type.getObjectType(reader.getClassName()).getClassName().replaceFirst(".*\\.", "");
        reader.accept(
                new ClassVisitor(Opcodes.ASM9, writer) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String type, String signature, String[] exceptions) {
                        MethodVisitor method = super.visitMethod(access, name, type, signature, exceptions);
                        return new CountingMethod(in + "." + name, method);
                    }
                },
                0);
        return writer.toByteArray();
    }

    private static final class CountingMethod extends MethodVisitor {
        private final String in;

        CountingMethod(String in, MethodVisitor written) {
            super(Opcodes.ASM9, written);
            this.in = in;
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String type, boolean onInterface) {
            String counted = counted(owner, name);
            if (counted != null) {
                super.visitLdcInsn(counted);
                super.visitMethodInsn(
                        Opcodes.INVOKESTATIC,
                        Type.getInternalName(CountingLoader.class),
                        "count",
                        "(Ljava/lang/String;)V",
                        false);
            }
            super.visitMethodInsn(opcode, owner, name, type, onInterface);
        }

        @Override
        public void visitInvokeDynamicInsn(String name, String type, Handle bootstrap, Object... arguments) {
            for (Object argument : arguments) {
                if (argument instanceof Handle method && counted(method.getOwner(), method.getName()) != null)
                    throw new IllegalStateException("the call behind the method reference " + method + " in " + in
                            + " cannot be counted; write a lambda");
            }
            super.visitInvokeDynamicInsn(name, type, bootstrap, arguments);
        }

        /** The name under which the call is counted; null if it is not. */
        private String counted(String owner, String method) {
            if (owner.startsWith("[")) return null;
            Class<?> type = declaring(Type.getObjectType(owner).getClassName(), method);
            if (isOurs(type.getName()) && !type.getName().equals(OWN_QUEUE)) return null; // the calls in it are counted
            return Stream.of(Kind.values())
                    .filter(kind -> kind.types.test(type) && kind.methods.test(method))
                    .map(kind -> kind + " " + in + ": " + type.getSimpleName() + "." + method)
                    .findFirst()
                    .orElse(null);
        }

        private static Class<?> declaring(String owner, String method) {
            try {
                Class<?> first = Class.forName(owner, false, USUAL);
                for (Class<?> type = first; type != null; type = type.getSuperclass()) {
                    if (Arrays.stream(type.getDeclaredMethods())
                            .anyMatch(each -> each.getName().equals(method))) return type;
                }
                return first; // a constructor, or what an interface inherits
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
