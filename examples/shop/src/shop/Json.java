package shop;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** JSON in and out. */
final class Json {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
    private static final TypeToken<Map<String, Object>> OBJECT = new TypeToken<>() {};

    private Json() {}

    static String text(Object value) {
        return GSON.toJson(value);
    }

    static byte[] bytes(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Strings are String, numbers Double. An IllegalArgumentException when it is no object. */
    static Map<String, Object> object(byte[] bytes) {
        try {
            Map<String, Object> found = GSON.fromJson(new String(bytes, StandardCharsets.UTF_8), OBJECT);
            if (found != null) {
                return found;
            }
        } catch (JsonParseException problem) {
            throw new IllegalArgumentException("no JSON object", problem);
        }
        throw new IllegalArgumentException("no JSON object");
    }
}
