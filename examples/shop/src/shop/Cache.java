package shop;

import java.io.IOException;

/** The list of the newest orders in Redis, for a few seconds. The shop sells without it, only slower. */
final class Cache {
    private static final String NEWEST = "shop:newest";
    private static final String SECONDS = "2";
    private static final long LEAVE_ALONE_MS = 1_000;

    private final Redis redis;
    private volatile long leftAloneUntil;
    private volatile boolean reached;

    Cache(Redis redis) {
        this.redis = redis;
    }

    /** Whether it ever answered: a cache that never did is a mistake in the settings. */
    boolean wasReached() {
        return reached;
    }

    /** Null when it answers, or why it does not. */
    String check() {
        try {
            redis.command("PING");
            reached = true;
            return null;
        } catch (IOException problem) {
            return "cache: " + Log.reason(problem);
        }
    }

    /** The list as it was kept, or null. */
    String newest() {
        return quietly("GET", NEWEST);
    }

    void keep(String list) {
        quietly("SET", NEWEST, list, "EX", SECONDS);
    }

    void forget() {
        quietly("DEL", NEWEST);
    }

    private String quietly(String... words) {
        if (System.currentTimeMillis() < leftAloneUntil) {
            return null;
        }
        try {
            return redis.command(words);
        } catch (IOException problem) {
            leftAloneUntil = System.currentTimeMillis() + LEAVE_ALONE_MS;
            Log.warn("cache: " + words[0] + " failed: " + Log.reason(problem));
            return null;
        }
    }
}
