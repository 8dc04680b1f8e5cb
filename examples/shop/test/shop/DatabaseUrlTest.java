package shop;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import org.junit.Test;

public class DatabaseUrlTest {
    @Test
    public void leavesAloneWhatTheDriverKnows() {
        String url = "jdbc:mysql://db:3306/ecommerce?connectTimeout=5";
        assertEquals(url, DatabaseUrl.parse(url).text());
    }

    @Test
    public void saysTlsInTheDriversWords() {
        String url = "jdbc:mysql://db:3306/shop?sslMode=VERIFY_IDENTITY&trustCertificateKeyStoreUrl=file:/ca.jks";
        assertEquals(
                "jdbc:mysql://db:3306/shop?useSsl=true&trustCertificateKeyStoreUrl=file:/ca.jks",
                DatabaseUrl.parse(url).text());
    }

    @Test
    public void neverPassesOverATlsThatItDoesNotKnow() {
        assertThrows(IllegalArgumentException.class, () -> DatabaseUrl.parse("jdbc:mysql://db/shop?sslMode=odd"));
    }
}
