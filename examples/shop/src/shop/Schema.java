package shop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables, step by step. Each step only adds, so the version before can go on beside the next one, and come back.
 *
 * <p>{@code shop.Main migrate} walks the steps that are missing. MySQL commits each of these statements by itself, so
 * every one can be done twice.
 */
final class Schema {
    private static final int LOCK_SECONDS = 60;
    private static final String LEDGER =
            """
            CREATE TABLE IF NOT EXISTS migrations (
              number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
              version VARCHAR(64) NOT NULL,
              step INT NOT NULL,
              at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
            )""";
    private static final String ORDERS =
            """
            CREATE TABLE IF NOT EXISTS orders (
              number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
              id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
              item VARCHAR(100) CHARACTER SET utf8mb4 NOT NULL,
              quantity INT NOT NULL,
              customer VARCHAR(64) CHARACTER SET ascii NOT NULL,
              placed_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
            )""";
    private static final List<String> STEPS = List.of(ORDERS, "CREATE INDEX orders_item ON orders (item, number)");
    private static final int DUPLICATE_INDEX = 1061;

    /** How far the tables are, and how often somebody migrated. */
    record Standing(int step, int runs) {}

    private Schema() {}

    /** The step that a version needs: the first one lives without the index. */
    static int wanted(Config config) {
        return config.knowsItems() ? STEPS.size() : 1;
    }

    /** Walks to {@code wanted}; a schema that is further stays. The number of steps that were missing. */
    static int migrate(Database database, String version, int wanted) throws SQLException {
        return database.once(connection -> {
            try (Statement statement = connection.createStatement()) {
                lock(statement);
                statement.execute(LEDGER);
                int from = standing(connection).step();
                for (int step = from; step < wanted; step++) {
                    apply(statement, STEPS.get(step));
                }
                note(connection, version, Math.max(from, wanted));
                statement.execute("DO RELEASE_LOCK('shop-migrate')");
                return Math.max(0, wanted - from);
            }
        });
    }

    static Standing standing(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT COALESCE(MAX(step), 0), COUNT(*) FROM migrations")) {
            row.next();
            return new Standing(row.getInt(1), row.getInt(2));
        }
    }

    private static void lock(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT GET_LOCK('shop-migrate', " + LOCK_SECONDS + ")")) {
            row.next();
            if (row.getInt(1) != 1) {
                throw new SQLException("another migration has run for " + LOCK_SECONDS + " s");
            }
        }
    }

    private static void apply(Statement statement, String step) throws SQLException {
        try {
            statement.execute(step);
        } catch (SQLException problem) {
            if (problem.getErrorCode() != DUPLICATE_INDEX) {
                throw problem;
            }
        }
    }

    private static void note(Connection connection, String version, int step) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO migrations (version, step) VALUES (?, ?)")) {
            insert.setString(1, version);
            insert.setInt(2, step);
            insert.executeUpdate();
        }
    }
}
