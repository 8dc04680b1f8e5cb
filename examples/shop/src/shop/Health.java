package shop;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What {@code GET /actuator/health} answers. The reason goes to the log, not to the public.
 *
 * <p>A cache that was there once and is away does not count: the shop sells without it, and a balancer would take
 * every machine out at once.
 */
final class Health {
    private final Fault fault;
    private final Database database;
    private final Cache cache;
    private String lastReason;

    Health(Fault fault, Database database, Cache cache) {
        this.fault = fault;
        this.database = database;
        this.cache = cache;
    }

    Answer answer() {
        String databaseReason = askDatabase();
        String cacheReason = cache.check();
        List<String> reasons = new ArrayList<>();
        if (fault.broken() != null) {
            reasons.add(fault.broken());
        }
        if (databaseReason != null) {
            reasons.add(databaseReason);
        }
        if (cacheReason != null && !cache.wasReached()) {
            reasons.add(cacheReason);
        }
        note(String.join("; ", reasons));
        if (reasons.isEmpty()) {
            fault.wasHealthy();
        }
        Map<String, Object> components = Map.of("db", word(databaseReason == null), "redis", word(cacheReason == null));
        Map<String, Object> body = Map.of("status", up(reasons.isEmpty()), "components", components);
        return new Answer(reasons.isEmpty() ? 200 : 503, body);
    }

    private String askDatabase() {
        try {
            return database.once(connection -> connection.isValid(2)) ? null : "database: no answer in 2 s";
        } catch (SQLException problem) {
            return "database: " + Log.reason(problem);
        }
    }

    private synchronized void note(String reason) {
        if (!reason.isEmpty() && !reason.equals(lastReason)) {
            Log.error("not healthy: " + reason);
        }
        if (reason.isEmpty() && lastReason != null && !lastReason.isEmpty()) {
            Log.info("healthy again");
        }
        lastReason = reason;
    }

    private static Map<String, Object> word(boolean good) {
        return Map.of("status", up(good));
    }

    private static String up(boolean good) {
        return good ? "UP" : "DOWN";
    }
}
