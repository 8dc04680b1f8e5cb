package shop;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One line for each event on standard output, as Spring Boot writes them: time, level, process, app, message. */
final class Log {
    private Log() {}

    static void info(String message) {
        write("INFO", message);
    }

    static void warn(String message) {
        write("WARN", message);
    }

    static void error(String message) {
        write("ERROR", message);
    }

    /** The kind of a problem and its words, on one line. */
    static String reason(Throwable problem) {
        return problem.getClass().getSimpleName() + ": " + problem.getMessage();
    }

    private static void write(String level, String message) {
        String line = message.replace('\n', ' ').replace('\r', ' ');
        System.out.printf("%s %5s %d --- [shop] %s%n",
                Instant.now().truncatedTo(ChronoUnit.MILLIS), level, ProcessHandle.current().pid(), line);
    }
}
