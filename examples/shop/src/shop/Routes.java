package shop;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The HTTP interface: what each method and path answers. */
final class Routes {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LONGEST_ITEM = 100;
    private static final int MOST = 1_000;
    private static final String NOBODY = "guest";

    private final Config config;
    private final Health health;
    private final Orders orders;
    private final Cache cache;
    private final Database database;
    private final Tokens tokens;
    private final SecureRandom random = new SecureRandom();

    Routes(Config config, Health health, Orders orders, Cache cache, Database database) {
        this.config = config;
        this.health = health;
        this.orders = orders;
        this.cache = cache;
        this.database = database;
        this.tokens = new Tokens(config.signingKey());
    }

    Answer answer(Request request) throws Refusal, SQLException {
        String route = request.method() + " " + request.path();
        return switch (route) {
            case "GET /" -> new Answer(200, Map.of("app", "shop", "version", config.version()));
            case "GET /actuator/health" -> health.answer();
            case "GET /version" -> version();
            case "POST /login" -> login();
            case "POST /orders" -> place(request);
            case "GET /orders" -> list(request);
            case "GET /orders/mine" -> new Answer(200, Map.of("orders", orders.ofCustomer(customer(request))));
            default -> further(request);
        };
    }

    private Answer further(Request request) throws Refusal, SQLException {
        String path = request.path();
        if (!path.startsWith("/orders/")) {
            boolean other = List.of("/", "/actuator/health", "/version", "/login", "/orders").contains(path);
            throw other ? new Refusal(405, request.method() + " is not allowed on " + path) : nothing(path);
        }
        List<Orders.Order> found = orders.byId(path.substring("/orders/".length()));
        if (found.isEmpty()) {
            throw nothing(path);
        }
        return new Answer(200, found.getFirst());
    }

    private Answer version() throws SQLException {
        Schema.Standing standing = database.run(Schema::standing);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("version", config.version());
        body.put("schema", standing.step());
        body.put("migrations", standing.runs());
        return new Answer(200, body);
    }

    /** A customer who is nobody else, without a name or password. */
    private Answer login() {
        byte[] number = new byte[8];
        random.nextBytes(number);
        String customer = NOBODY + "-" + HexFormat.of().formatHex(number);
        return new Answer(201, Map.of("customer", customer, "token", tokens.sign(customer, Instant.now())));
    }

    private Answer place(Request request) throws Refusal, SQLException {
        String customer = customer(request);
        String id = text(request, "id");
        if (!ID.matcher(id).matches()) {
            throw new Refusal(400, "id must match " + ID.pattern());
        }
        String item = text(request, "item").strip();
        if (item.isEmpty() || item.length() > LONGEST_ITEM) {
            throw new Refusal(400, "item must have 1 to " + LONGEST_ITEM + " characters");
        }
        int quantity = quantity(request);
        Orders.Placed placed;
        try {
            placed = orders.place(id, item, quantity, customer);
        } catch (SQLException problem) {
            Log.error("Order failed: id=" + id + " reason=" + Log.reason(problem));
            throw problem;
        }
        Orders.Order order = placed.order();
        if (placed.fresh()) {
            Log.info("Order placed: id=" + id + " item=" + item + " quantity=" + quantity);
            cache.forget();
        } else if (!order.item().equals(item) || order.quantity() != quantity) {
            throw new Refusal(409, "another order has the id " + id);
        }
        return new Answer(placed.fresh() ? 201 : 200, order);
    }

    private Answer list(Request request) throws Refusal, SQLException {
        Map<String, String> query = request.query();
        if (query.containsKey("prefix")) {
            return new Answer(200, orders.ids(query.get("prefix"), after(query)));
        }
        if (config.knowsItems() && query.containsKey("item")) {
            return new Answer(200, Map.of("orders", orders.ofItem(query.get("item"))));
        }
        String kept = cache.newest();
        if (kept == null) {
            kept = Json.text(Map.of("orders", orders.newest()));
            cache.keep(kept);
        }
        return new Answer(200, kept);
    }

    private String customer(Request request) throws Refusal {
        if (request.authorization() == null) {
            return NOBODY;
        }
        String[] words = request.authorization().split(" ");
        String found = words.length == 2 && words[0].equals("Bearer") ? tokens.subject(words[1], Instant.now()) : null;
        if (found == null) {
            throw new Refusal(401, "the token is not valid, log in again");
        }
        return found;
    }

    private static String text(Request request, String name) throws Refusal {
        if (request.body().get(name) instanceof String found) {
            return found;
        }
        throw new Refusal(400, name + " is missing, expected a text");
    }

    private static int quantity(Request request) throws Refusal {
        Object found = request.body().getOrDefault("quantity", 1.0);
        if (found instanceof Double number && number >= 1 && number <= MOST && number == Math.rint(number)) {
            return number.intValue();
        }
        throw new Refusal(400, "quantity must be a whole number from 1 to " + MOST);
    }

    private static long after(Map<String, String> query) throws Refusal {
        try {
            return Long.parseLong(query.getOrDefault("after", "0"));
        } catch (NumberFormatException problem) {
            throw new Refusal(400, "after must be a number");
        }
    }

    private static Refusal nothing(String path) {
        return new Refusal(404, "nothing at " + path);
    }
}
