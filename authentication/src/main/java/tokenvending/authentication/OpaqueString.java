package tokenvending.authentication;

import java.text.Normalizer;
import tokenvending.secret.Secret;

/**
 * Prepares passwords and user names for comparison as an OpaqueString (RFC 8265 §4.2): every
 * Unicode space becomes U+0020, then normalization form C is applied. The same text typed on two
 * systems, one of which sends "é" as two code points, then compares equal.
 */
final class OpaqueString {
  private OpaqueString() {}

  static String of(String text) {
    StringBuilder mapped = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c)
        .forEach(mapped::appendCodePoint);
    return Normalizer.normalize(mapped, Normalizer.Form.NFC);
  }

  static Secret of(Secret password) {
    return Secret.of(of(password.reveal()));
  }
}
