package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** From sockets to routes and back: parsing, errors, and the headers that every answer has. A thread for each request. */
final class Server {
    private static final int BACKLOG = 1_024;
    private static final double STEP_SECONDS = 0.05;

    private final Config config;
    private final Fault fault;
    private final Routes routes;
    private final HttpServer server;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean stopping;

    Server(Config config, Fault fault, Routes routes) throws IOException {
        // Longer than any proxy in front keeps an idle connection: we must not close one that is about to be used.
        System.setProperty("sun.net.httpserver.idleInterval", "75");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
        System.setProperty("sun.net.httpserver.nodelay", "true");
        this.config = config;
        this.fault = fault;
        this.routes = routes;
        server = HttpServer.create(new InetSocketAddress(config.port()), BACKLOG);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
    }

    int start() {
        server.start();
        return server.getAddress().getPort();
    }

    /**
     * Ends when nothing is out any more, after {@code linger} seconds at least and {@code longest} at most.
     *
     * <p>Java's server cannot stop listening without cutting idle connections, on which a request may be on its way.
     * So for a moment everything is still answered, and each answer ends its connection. How many were cut off.
     */
    int stop(double linger, double longest) {
        stopping = true;
        double waited = 0;
        while ((waited < linger || running.get() > 0) && waited < longest) {
            Pause.seconds(STEP_SECONDS);
            waited += STEP_SECONDS;
        }
        int cut = running.get();
        server.stop(0);
        return cut;
    }

    int running() {
        return running.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        running.incrementAndGet();
        try (exchange) {
            Answer answer = answer(exchange);
            byte[] content = answer.body() instanceof String text
                    ? text.getBytes(StandardCharsets.UTF_8)
                    : Json.bytes(answer.body());
            exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.getResponseHeaders().set("X-App-Version", config.version());
            if (stopping || answer.status() == 413) {
                exchange.getResponseHeaders().set("Connection", "close");
            }
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
                exchange.sendResponseHeaders(answer.status(), -1);
            } else {
                exchange.sendResponseHeaders(answer.status(), content.length);
                exchange.getResponseBody().write(content);
            }
        } finally {
            running.decrementAndGet();
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try {
            Request request = Request.of(exchange);
            if (fault.broken() != null && !path.equals("/actuator/health")) {
                throw new IllegalStateException(fault.broken());
            }
            return routes.answer(request);
        } catch (Refusal refusal) {
            return new Answer(refusal.status(), Map.of("error", refusal.getMessage()));
        } catch (SQLException | RuntimeException problem) {
            Log.error(exchange.getRequestMethod() + " " + path + " failed: " + Log.reason(problem));
            return new Answer(500, Map.of("error", "this is our fault, please try again"));
        }
    }
}
