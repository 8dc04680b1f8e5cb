package shop;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import java.time.Instant;
import org.junit.Test;

public class TokensTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
    private final Tokens tokens = new Tokens("0123456789abcdef");

    @Test
    public void knowsItsOwn() {
        assertEquals("guest-1", tokens.subject(tokens.sign("guest-1", NOW), NOW));
    }

    @Test
    public void endAfterHalfADay() {
        assertNull(tokens.subject(tokens.sign("guest-1", NOW), NOW.plusSeconds(12 * 3_600)));
    }

    @Test
    public void knowsNoOther() {
        String other = new Tokens("another-key-of-16").sign("guest-1", NOW);
        for (String token : new String[] {other, "", "a.b.c", "..", other + "x", "%.%.%"}) {
            assertNull(token, tokens.subject(token, NOW));
        }
    }
}
