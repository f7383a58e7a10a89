package tokenvending.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request") for a POST to {@code
 * /} without a query. A test compares it with the SDK's signer, which takes as long to load as a
 * TLS handshake.
 */
final class Signature {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Signature() {}

  /**
   * Returns the additional headers: the time, the session, and the signature of all headers.
   *
   * @param service its name in signatures
   * @param headers all headers to sign, including {@code Host}
   */
  static Map<String, String> sign(
      Account.Credentials credentials,
      String region,
      String service,
      Map<String, String> headers,
      byte[] body,
      Instant now) {
    String time = TIME.format(now);
    String day = time.substring(0, 8);
    Map<String, String> added = new TreeMap<>();
    String content = sha256(body);
    added.put("X-Amz-Content-Sha256", content);
    added.put("X-Amz-Date", time);
    credentials.session().ifPresent(session -> added.put("X-Amz-Security-Token", session));

    SortedMap<String, String> signed = new TreeMap<>();
    headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
    added.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value));
    String names = String.join(";", signed.keySet());
    String request =
        "POST\n/\n\n"
            + signed.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue() + "\n")
                .collect(Collectors.joining())
            + "\n"
            + names
            + "\n"
            + content;
    String scope = day + "/" + region + "/" + service + "/aws4_request";
    String text = ALGORITHM + "\n" + time + "\n" + scope + "\n" + sha256(request.getBytes(UTF_8));
    byte[] key = ("AWS4" + credentials.secret()).getBytes(UTF_8);
    for (String step : new String[] {day, region, service, "aws4_request"}) {
      key = hmac(key, step);
    }
    added.put(
        "Authorization",
        ALGORITHM
            + " Credential="
            + credentials.id()
            + "/"
            + scope
            + ", SignedHeaders="
            + names
            + ", Signature="
            + HexFormat.of().formatHex(hmac(key, text)));
    return added;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA-256", e);
    }
  }
}
