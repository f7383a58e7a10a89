package tokenvending.momentolocal.credential;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tokenvending.momentolocal.wire.SealedToken;

/**
 * Signs tokens in the form {@code local.CONTENTS.SEAL}, both parts base64url. The key is generated
 * at the start, so a restart invalidates every token; no token is stored.
 */
public final class LocalTokenSeal {

  /** The prefix of every token, which distinguishes it from Momento's own tokens. */
  public static final String PREFIX = "local.";

  /**
   * The longest token, in characters. It is sent as an HTTP header, and servers and browsers
   * commonly allow 8 KiB for all headers.
   */
  public static final int MAX_LENGTH = 6 * 1024;

  // The contents come from a request of at most ten megabytes. Repetitive ones compress well, and
  // would be decompressed on every call.
  private static final int MAX_CONTENTS = 64 * 1024;

  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  private final SecretKeySpec key;

  private LocalTokenSeal(SecretKeySpec key) {
    this.key = key;
  }

  /** A seal with a new random key of 256 bits. */
  public static LocalTokenSeal random(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new LocalTokenSeal(new SecretKeySpec(bytes, "HmacSHA256"));
  }

  /** Returns the token; empty if it would be longer than {@link #MAX_LENGTH}. */
  Optional<String> seal(SealedToken contents) {
    byte[] plain = contents.toByteArray();
    if (plain.length > MAX_CONTENTS) {
      return Optional.empty();
    }
    String signed = PREFIX + ENCODER.encodeToString(deflate(plain));
    String token = signed + "." + sealOf(signed);
    return token.length() > MAX_LENGTH ? Optional.empty() : Optional.of(token);
  }

  /** Returns the contents of a token with a valid seal. */
  Optional<SealedToken> open(String token) {
    // Cheap checks first: texts that are too long or have no prefix are not hashed.
    if (token.length() > MAX_LENGTH || !token.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int dot = token.lastIndexOf('.');
    if (dot < PREFIX.length()) {
      return Optional.empty();
    }
    String signed = token.substring(0, dot);
    // The seal is compared as text, not decoded: base64 has spare bits in its last character, so
    // four texts decode to the same bytes.
    if (!MessageDigest.isEqual(
        sealOf(signed).getBytes(StandardCharsets.UTF_8),
        token.substring(dot + 1).getBytes(StandardCharsets.UTF_8))) {
      return Optional.empty();
    }
    try {
      return Optional.of(SealedToken.parseFrom(inflate(signed.substring(PREFIX.length()))));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a sealed token does not parse", e);
    }
  }

  /** Returns the contents of a token without verifying its seal. */
  public static Optional<SealedToken> unverified(String token) {
    int dot = token.lastIndexOf('.');
    if (token.length() > MAX_LENGTH || !token.startsWith(PREFIX) || dot < PREFIX.length()) {
      return Optional.empty();
    }
    try {
      return Optional.of(SealedToken.parseFrom(inflate(token.substring(PREFIX.length(), dot))));
    } catch (InvalidProtocolBufferException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private String sealOf(String signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return ENCODER.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] deflate(byte[] plain) {
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length);
      byte[] chunk = new byte[1024];
      while (!deflater.finished()) {
        out.write(chunk, 0, deflater.deflate(chunk));
      }
      return out.toByteArray();
    }
  }

  private static ByteString inflate(String contents) {
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(DECODER.decode(contents));
      byte[] plain = new byte[MAX_CONTENTS];
      int length = inflater.inflate(plain);
      return ByteString.copyFrom(plain, 0, length);
    } catch (DataFormatException e) {
      throw new IllegalStateException("a sealed token does not inflate", e);
    }
  }
}
