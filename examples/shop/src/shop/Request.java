package shop;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** What the routes need of an HTTP request. */
record Request(String method, String path, Map<String, String> query, String authorization, Map<String, Object> body) {
    private static final int LARGEST_BODY = 16 * 1024;

    static Request of(HttpExchange exchange) throws IOException, Refusal {
        String method = exchange.getRequestMethod().equals("HEAD") ? "GET" : exchange.getRequestMethod();
        byte[] sent = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
        if (sent.length > LARGEST_BODY) {
            throw new Refusal(413, "a body may have " + LARGEST_BODY + " bytes");
        }
        Map<String, Object> body = Map.of();
        if (method.equals("POST") && sent.length > 0) {
            try {
                body = Json.object(sent);
            } catch (IllegalArgumentException problem) {
                throw new Refusal(400, "the body must be a JSON object");
            }
        }
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        return new Request(method, exchange.getRequestURI().getPath(), query(exchange), authorization, body);
    }

    private static Map<String, String> query(HttpExchange exchange) throws Refusal {
        Map<String, String> found = new HashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        if (raw == null || raw.isEmpty()) {
            return found;
        }
        try {
            for (String pair : raw.split("&")) {
                String[] parts = pair.split("=", 2);
                String value = parts.length == 2 ? parts[1] : "";
                found.put(parts[0], URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        } catch (IllegalArgumentException problem) {
            throw new Refusal(400, "the query is not percent-encoded");
        }
        return found;
    }
}
