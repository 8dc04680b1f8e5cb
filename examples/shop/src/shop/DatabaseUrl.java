package shop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A JDBC URL of MySQL in the words of Debian's driver, MariaDB's 2.7.
 *
 * <p>It speaks to MySQL too and knows most parameters of MySQL's own driver, but passes over {@code sslMode} in
 * silence: a connection that asked for TLS would have none. So that one is said here in its words.
 *
 * @see <a href="https://dev.mysql.com/doc/connector-j/en/connector-j-connp-props-security.html">sslMode</a>
 * @see <a href="https://mariadb.com/docs/connectors/mariadb-connector-j">useSsl</a>
 */
record DatabaseUrl(String text) {
    private static final Map<String, String> TLS = Map.of(
            "DISABLED", "useSsl=false",
            "PREFERRED", "useSsl=false",
            "REQUIRED", "useSsl=true&trustServerCertificate=true",
            "VERIFY_CA", "useSsl=true&disableSslHostnameVerification=true",
            "VERIFY_IDENTITY", "useSsl=true",
            "VERIFY-FULL", "useSsl=true");

    static DatabaseUrl parse(String found) {
        if (!found.startsWith("jdbc:mysql://") && !found.startsWith("jdbc:mariadb://")) {
            throw new IllegalArgumentException("must start with jdbc:mysql:// or jdbc:mariadb://");
        }
        int question = found.indexOf('?');
        if (question < 0) {
            return new DatabaseUrl(found);
        }
        List<String> parameters = new ArrayList<>();
        for (String parameter : found.substring(question + 1).split("&")) {
            parameters.add(parameter.startsWith("sslMode=") ? translated(parameter.substring(8)) : parameter);
        }
        return new DatabaseUrl(found.substring(0, question + 1) + String.join("&", parameters));
    }

    private static String translated(String mode) {
        String words = TLS.get(mode.toUpperCase(java.util.Locale.ROOT));
        if (words == null) {
            throw new IllegalArgumentException("has a sslMode that is not known: " + mode);
        }
        return words;
    }
}
