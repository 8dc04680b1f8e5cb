package shop;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** JSON Web Tokens (RFC 7519) with HS256, the one algorithm this app signs and accepts. */
final class Tokens {
    private static final String HEADER = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8));
    private static final long LIFETIME_SECONDS = 12 * 3_600;

    private final SecretKeySpec key;

    Tokens(String signingKey) {
        this.key = new SecretKeySpec(signingKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
    }

    /** A token that says who until when. */
    String sign(String subject, Instant now) {
        Map<String, Object> claims = Map.of("sub", subject, "exp", now.getEpochSecond() + LIFETIME_SECONDS);
        String content = HEADER + "." + encoded(Json.bytes(claims));
        return content + "." + encoded(signature(content));
    }

    /** The subject of a good token, or null when it is forged, damaged or too old. */
    String subject(String token, Instant now) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || !parts[0].equals(HEADER)) {
            return null;
        }
        try {
            byte[] given = Base64.getUrlDecoder().decode(parts[2]);
            if (!MessageDigest.isEqual(given, signature(parts[0] + "." + parts[1]))) {
                return null;
            }
            Map<String, Object> claims = Json.object(Base64.getUrlDecoder().decode(parts[1]));
            double end = claims.get("exp") instanceof Double number ? number : 0;
            return end > now.getEpochSecond() && claims.get("sub") instanceof String subject ? subject : null;
        } catch (IllegalArgumentException damaged) {
            return null;
        }
    }

    private byte[] signature(String content) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(content.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException problem) {
            throw new IllegalStateException("every Java has HmacSHA256", problem);
        }
    }

    private static String encoded(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
