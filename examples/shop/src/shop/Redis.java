package shop;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedDeque;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * As much of Redis' protocol as a cache needs: one command, one answer.
 *
 * @see <a href="https://redis.io/docs/latest/develop/reference/protocol-spec/">RESP</a>
 */
final class Redis implements AutoCloseable {
    private static final int TIMEOUT_MS = 1_000;
    private static final int PORT = 6379;

    /** Redis answered, and said no. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    private record Line(Socket socket, InputStream in, OutputStream out) {
        void close() {
            try {
                socket.close();
            } catch (IOException problem) {
                Log.warn("cache: closing a connection: " + Log.reason(problem));
            }
        }
    }

    private final URI url;
    private final SSLSocketFactory tls;
    private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();

    Redis(URI url, SSLSocketFactory tls) {
        this.url = url;
        this.tls = tls;
    }

    /** The answer, or null where Redis has nothing. A connection that was closed while it was idle is made anew. */
    String command(String... words) throws IOException {
        Line line = idle.poll();
        if (line != null) {
            try {
                return keep(line, words);
            } catch (Refused problem) {
                throw problem;
            } catch (IOException problem) {
                drop();
            }
        }
        return keep(connect(), words);
    }

    @Override
    public void close() {
        drop();
    }

    private void drop() {
        for (Line line = idle.poll(); line != null; line = idle.poll()) {
            line.close();
        }
    }

    private String keep(Line line, String... words) throws IOException {
        try {
            String answer = ask(line, words);
            idle.push(line);
            return answer;
        } catch (Refused problem) {
            idle.push(line);
            throw problem;
        } catch (IOException problem) {
            line.close();
            throw problem;
        }
    }

    private Line connect() throws IOException {
        int port = url.getPort() < 0 ? PORT : url.getPort();
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MS);
            socket.connect(new InetSocketAddress(url.getHost(), port), TIMEOUT_MS);
            socket = url.getScheme().equals("rediss") ? secured(socket, port) : socket;
            Line line = new Line(
                    socket,
                    new BufferedInputStream(socket.getInputStream()),
                    new BufferedOutputStream(socket.getOutputStream()));
            introduce(line);
            return line;
        } catch (IOException problem) {
            socket.close();
            throw problem;
        }
    }

    private Socket secured(Socket plain, int port) throws IOException {
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, url.getHost(), port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the name in the certificate has to be the host's
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private void introduce(Line line) throws IOException {
        String[] login = url.getRawUserInfo() == null ? new String[0] : url.getRawUserInfo().split(":", 2);
        if (login.length == 2 && login[0].isEmpty()) {
            ask(line, "AUTH", decoded(login[1]));
        } else if (login.length == 2) {
            ask(line, "AUTH", decoded(login[0]), decoded(login[1]));
        }
        String database = url.getPath() == null ? "" : url.getPath().replace("/", "");
        if (!database.isEmpty() && !database.equals("0")) {
            ask(line, "SELECT", database);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String ask(Line line, String... words) throws IOException {
        line.out().write(("*" + words.length + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            line.out().write(("$" + bytes.length + "\r\n").getBytes(StandardCharsets.UTF_8));
            line.out().write(bytes);
            line.out().write("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        line.out().flush();
        return answer(line.in());
    }

    private static String answer(InputStream in) throws IOException {
        String head = head(in);
        String rest = head.substring(1);
        return switch (head.charAt(0)) {
            case '+', ':' -> rest;
            case '-' -> throw new Refused(rest);
            case '$' -> rest.equals("-1") ? null : bulk(in, Integer.parseInt(rest));
            default -> throw new IOException("an answer that is not understood");
        };
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection was closed");
            }
            text.append((char) next);
        }
        in.read();
        if (text.isEmpty()) {
            throw new IOException("an empty answer");
        }
        return text.toString();
    }

    private static String bulk(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length < length + 2) {
            throw new IOException("the connection was closed");
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
