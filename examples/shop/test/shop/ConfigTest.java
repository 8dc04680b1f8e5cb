package shop;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.junit.Test;

public class ConfigTest {
    private static final Map<String, String> GOOD = Map.of(
            "SPRING_DATASOURCE_URL", "jdbc:mysql://db:3306/ecommerce",
            "SPRING_DATASOURCE_USERNAME", "shop",
            "SPRING_DATASOURCE_PASSWORD", "very-secret",
            "REDIS_URL", "redis://:very-secret@cache:6379/0",
            "JWT_SIGNING_KEY", "0123456789abcdef");

    private static String mistakes(Map<String, String> changes) {
        Map<String, String> env = new HashMap<>(GOOD);
        env.putAll(changes);
        return assertThrows(Config.Mistakes.class, () -> Config.read(env)).getMessage();
    }

    @Test
    public void hasDefaults() throws Exception {
        Config config = Config.read(GOOD);
        assertEquals(8080, config.port());
        assertEquals("1", config.version());
        assertEquals("normal", config.behaviour());
        assertFalse(config.knowsItems());
    }

    @Test
    public void namesEveryMistakeAtOnce() {
        String found = assertThrows(Config.Mistakes.class, () -> Config.read(Map.of())).getMessage();
        for (String name : GOOD.keySet()) {
            assertTrue(name, found.contains(name) || name.endsWith("PASSWORD"));
        }
    }

    @Test
    public void showsNoSecret() {
        String found = mistakes(Map.of("REDIS_URL", "redis://:very-secret@ca che", "JWT_SIGNING_KEY", "very-secret"));
        assertTrue(found, found.contains("2 mistake(s)"));
        assertFalse(found, found.contains("very-secret"));
    }

    @Test
    public void refusesWhatItDoesNotKnow() {
        assertTrue(mistakes(Map.of("BEHAVIOUR", "odd")).contains("BEHAVIOUR must be one of normal"));
        assertTrue(mistakes(Map.of("PORT", "80a")).contains("PORT must be a number from 0 to 65535, found \"80a\""));
        assertTrue(mistakes(Map.of("REDIS_CA_FILE", "/none")).contains("REDIS_CA_FILE must be a file"));
        assertTrue(mistakes(Map.of("SPRING_DATASOURCE_URL", "jdbc:postgresql://db/x")).contains("must start with"));
    }

    @Test
    public void versionTwoKnowsItems() throws Exception {
        Map<String, String> env = new HashMap<>(GOOD);
        env.put("APP_VERSION", "2");
        assertTrue(Config.read(env).knowsItems());
        assertEquals(2, Schema.wanted(Config.read(env)));
    }
}
