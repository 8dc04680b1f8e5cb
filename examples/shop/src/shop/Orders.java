package shop;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Orders in MySQL. The buyer's program chooses an order's id, so sending it again is no second order. */
final class Orders {
    static final int LISTED = 50;
    static final int IDS_LISTED = 1_000;
    private static final String COLUMNS = "SELECT number, id, item, quantity, customer, placed_at FROM orders ";

    record Order(String id, String item, int quantity, String customer, String at) {}

    /** What became of an order: {@code fresh} when it was not there before. */
    record Placed(Order order, boolean fresh) {}

    /** Ids in the order in which they came, and where the next page begins, or null. */
    record Ids(List<String> ids, Long next) {}

    private final Database database;

    Orders(Database database) {
        this.database = database;
    }

    /** The order with this id as it is stored now, whoever stored it. */
    Placed place(String id, String item, int quantity, String customer) throws SQLException {
        return database.run(connection -> {
            boolean fresh;
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT IGNORE INTO orders (id, item, quantity, customer) VALUES (?, ?, ?, ?)")) {
                insert.setString(1, id);
                insert.setString(2, item);
                insert.setInt(3, quantity);
                insert.setString(4, customer);
                fresh = insert.executeUpdate() == 1;
            }
            return new Placed(select(connection, "WHERE id = ?", id).getFirst(), fresh);
        });
    }

    List<Order> byId(String id) throws SQLException {
        return database.run(connection -> select(connection, "WHERE id = ?", id));
    }

    List<Order> newest() throws SQLException {
        return database.run(connection -> select(connection, "ORDER BY number DESC LIMIT " + LISTED, null));
    }

    List<Order> ofItem(String item) throws SQLException {
        String where = "WHERE item = ? ORDER BY number DESC LIMIT " + LISTED;
        return database.run(connection -> select(connection, where, item));
    }

    List<Order> ofCustomer(String customer) throws SQLException {
        String where = "WHERE customer = ? ORDER BY number DESC LIMIT " + LISTED;
        return database.run(connection -> select(connection, where, customer));
    }

    /** The ids with this prefix behind the order number {@code after}; a prefix has no wildcard in it. */
    Ids ids(String prefix, long after) throws SQLException {
        return database.run(connection -> {
            List<String> ids = new ArrayList<>();
            long last = after;
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT number, id FROM orders WHERE number > ? AND LEFT(id, ?) = ? ORDER BY number LIMIT ?")) {
                select.setLong(1, after);
                select.setInt(2, prefix.length());
                select.setString(3, prefix);
                select.setInt(4, IDS_LISTED);
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        last = rows.getLong(1);
                        ids.add(rows.getString(2));
                    }
                }
            }
            return new Ids(ids, ids.size() == IDS_LISTED ? (Long) last : null);
        });
    }

    private static List<Order> select(Connection connection, String where, String value) throws SQLException {
        List<Order> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(COLUMNS + where)) {
            if (value != null) {
                select.setString(1, value);
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    String at = rows.getTimestamp(6).toInstant().toString();
                    found.add(new Order(rows.getString(2), rows.getString(3), rows.getInt(4), rows.getString(5), at));
                }
            }
        }
        return found;
    }
}
