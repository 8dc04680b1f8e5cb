package shop;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.Properties;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Connections to MySQL, made when they are needed and kept.
 *
 * <p>Work that failed with its connection is done again on another one until patience ends, so that a failover is a
 * pause and no error. So work has to be such that doing it twice is doing it once.
 */
final class Database implements AutoCloseable {
    private static final long PROVEN_MS = 2_000;
    private static final int READ_ONLY = 1290; // the server was the first one until a moment ago
    private static final int LONGEST_WAIT_SECONDS = 10;

    /** Work on a connection; it may be done more than once. */
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private record Kept(Connection connection, long since) {}

    private final DatabaseUrl url;
    private final Properties properties = new Properties();
    private final int patienceSeconds;
    private final Semaphore places;
    private final ConcurrentLinkedDeque<Kept> idle = new ConcurrentLinkedDeque<>();

    Database(DatabaseUrl url, Properties login, int connections, int patienceSeconds) {
        this.url = url;
        this.patienceSeconds = patienceSeconds;
        this.places = new Semaphore(connections, true);
        properties.putAll(login);
        properties.setProperty("connectTimeout", "2000");
        properties.setProperty("socketTimeout", "10000");
        properties.setProperty("tcpKeepAlive", "true");
    }

    /** The result of the work, however often its connection breaks in the time that patience allows. */
    <T> T run(Work<T> work) throws SQLException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
        double pause = 0.05;
        while (true) {
            try {
                return once(work);
            } catch (SQLException problem) {
                if (!passing(problem) || System.nanoTime() > end) {
                    throw problem;
                }
                Log.warn("database: trying again after " + Log.reason(problem));
                Pause.seconds(pause);
                pause = Math.min(pause * 2, 0.5);
            }
        }
    }

    /** The same with no second try. */
    <T> T once(Work<T> work) throws SQLException {
        if (!placed()) {
            throw new SQLException("no connection was free for " + LONGEST_WAIT_SECONDS + " s");
        }
        try {
            Connection connection = take();
            try {
                T result = work.on(connection);
                idle.push(new Kept(connection, System.currentTimeMillis()));
                return result;
            } catch (SQLException | RuntimeException problem) {
                discard(connection);
                throw problem;
            }
        } finally {
            places.release();
        }
    }

    @Override
    public void close() {
        for (Kept kept = idle.poll(); kept != null; kept = idle.poll()) {
            discard(kept.connection());
        }
    }

    private boolean placed() {
        try {
            return places.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException problem) {
            throw new IllegalStateException("nobody interrupts this thread", problem);
        }
    }

    private Connection take() throws SQLException {
        for (Kept kept = idle.poll(); kept != null; kept = idle.poll()) {
            boolean proven = System.currentTimeMillis() - kept.since() < PROVEN_MS;
            if (proven || kept.connection().isValid(1)) {
                return kept.connection();
            }
            discard(kept.connection());
        }
        return DriverManager.getConnection(url.text(), properties);
    }

    private static void discard(Connection connection) {
        try {
            connection.close();
        } catch (SQLException problem) {
            Log.warn("database: closing a connection: " + Log.reason(problem));
        }
    }

    /** Whether the connection or the server was at fault, and not the work. */
    private static boolean passing(SQLException problem) {
        String state = problem.getSQLState();
        if (problem instanceof SQLIntegrityConstraintViolationException || state == null) {
            return false;
        }
        return state.startsWith("08") || state.startsWith("40") || problem.getErrorCode() == READ_ONLY;
    }
}
