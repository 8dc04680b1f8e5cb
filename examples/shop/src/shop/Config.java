package shop;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Settings from the environment. All mistakes are reported at once, and none is survived; no secret is shown. */
record Config(
        String version,
        String behaviour,
        int failAfterSeconds,
        int port,
        int stopSeconds,
        DatabaseUrl database,
        Properties login,
        int connections,
        int patienceSeconds,
        URI cache,
        Path cacheAuthorities,
        String signingKey) {

    private static final List<String> BEHAVIOURS = List.of("normal", "broken-boot", "broken-health", "broken-later");
    private static final int SHORTEST_KEY = 16;

    /** What the environment says that is not right. */
    static final class Mistakes extends Exception {
        private static final long serialVersionUID = 1;

        Mistakes(List<String> mistakes) {
            super("the environment has " + mistakes.size() + " mistake(s): " + String.join("; ", mistakes));
        }
    }

    /** One source stands for two versions here: version 1 cannot be asked for the orders of one item. */
    boolean knowsItems() {
        return !version.equals("1");
    }

    static Config read(Map<String, String> env) throws Mistakes {
        Reader reader = new Reader(env);
        Config config = new Config(
                reader.text("APP_VERSION", "1"),
                reader.choice("BEHAVIOUR", "normal", BEHAVIOURS),
                reader.number("FAIL_AFTER_SECONDS", 4, 0, 86_400),
                reader.number("PORT", 8080, 0, 65_535),
                reader.number("STOP_SECONDS", 25, 0, 3_600),
                reader.database("SPRING_DATASOURCE_URL"),
                reader.login(),
                reader.number("DATABASE_CONNECTIONS", 20, 1, 1_000),
                reader.number("DATABASE_PATIENCE_SECONDS", 8, 0, 600),
                reader.cache("REDIS_URL"),
                reader.file("REDIS_CA_FILE"),
                reader.key("JWT_SIGNING_KEY"));
        if (!reader.mistakes.isEmpty()) {
            throw new Mistakes(reader.mistakes);
        }
        return config;
    }

    private static final class Reader {
        private final Map<String, String> env;
        private final List<String> mistakes = new ArrayList<>();

        Reader(Map<String, String> env) {
            this.env = env;
        }

        String text(String name, String fallback) {
            String found = env.getOrDefault(name, "");
            return found.isEmpty() ? fallback : found;
        }

        String required(String name, String expected) {
            String found = text(name, null);
            if (found == null) {
                mistakes.add(name + " is missing, expected " + expected);
            }
            return found;
        }

        int number(String name, int fallback, int least, int most) {
            String found = text(name, String.valueOf(fallback));
            try {
                int value = Integer.parseInt(found);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException notANumber) {
                // said below, in the same words for both
            }
            mistakes.add(name + " must be a number from " + least + " to " + most + ", found \"" + found + '"');
            return fallback;
        }

        String choice(String name, String fallback, List<String> choices) {
            String found = text(name, fallback);
            if (!choices.contains(found)) {
                mistakes.add(name + " must be one of " + String.join(", ", choices) + ", found \"" + found + '"');
            }
            return found;
        }

        DatabaseUrl database(String name) {
            String found = required(name, "jdbc:mysql://...");
            try {
                return found == null ? null : DatabaseUrl.parse(found);
            } catch (IllegalArgumentException problem) {
                mistakes.add(name + " " + problem.getMessage());
                return null;
            }
        }

        Properties login() {
            Properties login = new Properties();
            login.setProperty("user", text("SPRING_DATASOURCE_USERNAME", ""));
            login.setProperty("password", text("SPRING_DATASOURCE_PASSWORD", ""));
            if (login.getProperty("user").isEmpty()) {
                required("SPRING_DATASOURCE_USERNAME", "the user of the database");
            }
            return login;
        }

        URI cache(String name) {
            String found = required(name, "redis://...");
            if (found == null) {
                return null;
            }
            try {
                URI uri = URI.create(found);
                if (List.of("redis", "rediss").contains(uri.getScheme()) && uri.getHost() != null) {
                    return uri;
                }
            } catch (IllegalArgumentException problem) {
                // its message would show the password
            }
            mistakes.add(name + " must be redis://host:6379/0 or rediss://..., special characters percent-encoded");
            return null;
        }

        Path file(String name) {
            String found = text(name, null);
            if (found == null) {
                return null;
            }
            if (!Files.isReadable(Path.of(found))) {
                mistakes.add(name + " must be a file that can be read, found \"" + found + '"');
            }
            return Path.of(found);
        }

        String key(String name) {
            String found = required(name, "at least " + SHORTEST_KEY + " characters");
            if (found != null && found.length() < SHORTEST_KEY) {
                mistakes.add(name + " is too short, expected at least " + SHORTEST_KEY + " characters");
            }
            return found;
        }
    }
}
