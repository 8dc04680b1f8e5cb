package shop;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The whole server with its stores, as the environment of the test names them. */
public class ShopTest {
    private final HttpClient client = HttpClient.newHttpClient();
    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private Config config;
    private Database database;
    private Redis redis;
    private Fault fault;
    private Server server;
    private String address;

    @Before
    public void start() throws Exception {
        start(Map.of());
    }

    @After
    public void stop() {
        server.stop(0, 5);
        redis.close();
        database.close();
    }

    private void start(Map<String, String> changes) throws Exception {
        if (server != null) {
            stop();
        }
        Map<String, String> env = new HashMap<>(System.getenv());
        env.putAll(Map.of("PORT", "0", "APP_VERSION", "2", "DATABASE_PATIENCE_SECONDS", "0"));
        env.putAll(changes);
        config = Config.read(env);
        database = new Database(config.database(), config.login(), 20, config.patienceSeconds());
        Schema.migrate(database, config.version(), Schema.wanted(config));
        redis = new Redis(config.cache(), null);
        fault = new Fault(config.behaviour(), config.failAfterSeconds());
        Cache cache = new Cache(redis);
        Health health = new Health(fault, database, cache);
        server = new Server(config, fault, new Routes(config, health, new Orders(database), cache, database));
        address = "http://127.0.0.1:" + server.start();
    }

    private HttpResponse<String> send(String method, String path, Object body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body == null ? new byte[0] : Json.bytes(body)));
        for (int each = 0; each < headers.length; each += 2) {
            request.header(headers[each], headers[each + 1]);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private Map<String, Object> get(String path, String... headers) throws Exception {
        HttpResponse<String> answer = send("GET", path, null, headers);
        assertEquals(answer.body(), 200, answer.statusCode());
        return Json.object(answer.body().getBytes("UTF-8"));
    }

    private HttpResponse<String> place(String name, String item) throws Exception {
        return send("POST", "/orders", Map.of("id", run + "-" + name, "item", item, "quantity", 2));
    }

    @Test
    public void isHealthyAndSaysWhatItIs() throws Exception {
        assertEquals("UP", get("/actuator/health").get("status"));
        assertEquals("2", get("/version").get("version"));
        assertEquals(2.0, get("/version").get("schema"));
        assertEquals("2", send("GET", "/none", null).headers().firstValue("X-App-Version").orElse(""));
    }

    @Test
    public void anOrderSentAgainIsNoSecondOrder() throws Exception {
        assertEquals(201, place("a", "책").statusCode());
        HttpResponse<String> again = place("a", "책");
        assertEquals(200, again.statusCode());
        assertTrue(again.body(), again.body().contains("책"));
        assertEquals(409, place("a", "another").statusCode());
        assertEquals(List.of(run + "-a"), get("/orders?prefix=" + run).get("ids"));
    }

    @Test
    public void theSameOrderFromManySidesAtOnceIsOne() throws Exception {
        Callable<Integer> once = () -> place("same", "book").statusCode();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Set<Integer> answers = new HashSet<>();
            int fresh = 0;
            for (var one : threads.invokeAll(java.util.Collections.nCopies(30, once))) {
                answers.add(one.get());
                fresh += one.get() == 201 ? 1 : 0;
            }
            assertEquals(Set.of(200, 201), answers);
            assertEquals(1, fresh);
        }
    }

    @Test
    public void listsTheNewestOrdersAtOnce() throws Exception {
        get("/orders");
        place("new", "book");
        assertTrue(get("/orders").toString().contains(run + "-new"));
        assertTrue(get("/orders?item=book").toString().contains(run + "-new"));
        assertFalse(get("/orders?item=none").toString().contains(run));
        assertEquals("book", get("/orders/" + run + "-new").get("item"));
    }

    @Test
    public void customersSeeTheirOwnOrders() throws Exception {
        Map<String, Object> login = Json.object(send("POST", "/login", null).body().getBytes("UTF-8"));
        String[] token = {"Authorization", "Bearer " + login.get("token")};
        send("POST", "/orders", Map.of("id", run + "-mine", "item", "pen"), token);
        place("other", "pen");
        String mine = get("/orders/mine", token).toString();
        assertTrue(mine, mine.contains(run + "-mine") && !mine.contains(run + "-other"));
        assertEquals(401, send("GET", "/orders/mine", null, "Authorization", "Bearer a.b.c").statusCode());
    }

    @Test
    public void refusesWhatIsWrong() throws Exception {
        for (Object body : List.of(
                List.of(),
                Map.of(),
                Map.of("id", "a b", "item", "x"),
                Map.of("id", "a", "item", " "),
                Map.of("id", "a", "item", "x", "quantity", 0),
                Map.of("id", "a", "item", "x", "quantity", 1.5))) {
            assertEquals(body.toString(), 400, send("POST", "/orders", body).statusCode());
        }
        assertEquals(405, send("DELETE", "/orders", null).statusCode());
        assertEquals(404, send("GET", "/orders/" + run, null).statusCode());
        assertEquals(413, send("POST", "/orders", Map.of("id", "x".repeat(20_000))).statusCode());
    }

    @Test
    public void versionOneKnowsNoItems() throws Exception {
        place("v1", "book");
        start(Map.of("APP_VERSION", "1"));
        get("/orders");
        assertTrue(get("/orders?item=none").toString().contains(run + "-v1"));
    }

    @Test
    public void sellsWithoutItsCache() throws Exception {
        get("/actuator/health");
        redis.close();
        start(Map.of("REDIS_URL", "redis://127.0.0.1:1"));
        assertEquals("one that never answered is a mistake", 503, send("GET", "/actuator/health", null).statusCode());
        assertEquals(201, place("cold", "book").statusCode());
        assertTrue(get("/orders").toString().contains(run + "-cold"));
    }

    @Test
    public void isBrokenWhereItWasBuiltSo() throws Exception {
        start(Map.of("BEHAVIOUR", "broken-health"));
        assertEquals(503, send("GET", "/actuator/health", null).statusCode());
        assertEquals(500, send("GET", "/orders", null).statusCode());
        start(Map.of("BEHAVIOUR", "broken-later", "FAIL_AFTER_SECONDS", "0"));
        assertEquals(200, send("GET", "/actuator/health", null).statusCode());
        Pause.seconds(0.3);
        assertEquals(503, send("GET", "/actuator/health", null).statusCode());
        assertEquals(500, send("GET", "/version", null).statusCode());
    }

    @Test
    public void finishesWhatIsOutBeforeItStops() throws Exception {
        get("/version");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var cut = threads.submit(() -> server.stop(0.5, 5));
            Pause.seconds(0.2);
            HttpResponse<String> late = place("late", "book");
            assertEquals(201, late.statusCode());
            assertEquals("close", late.headers().firstValue("Connection").orElse(""));
            assertEquals(0, (int) cut.get());
        }
    }
}
