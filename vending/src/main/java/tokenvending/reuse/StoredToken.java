package tokenvending.reuse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import tokenvending.issuing.VendedToken;
import tokenvending.policy.Grant;
import tokenvending.secret.Secret;

/**
 * The binary form of a token inside a seal. The token id is part of the seal's context and not
 * stored again.
 */
final class StoredToken {
  private StoredToken() {}

  static byte[] write(VendedToken token) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(token.expiresAt().getEpochSecond());
      out.writeUTF(token.endpoint());
      out.write(token.token().reveal().getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** Parses the token for the grant it was sealed for; empty for any other bytes. */
  static Optional<VendedToken> read(byte[] bytes, Grant grant) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      Instant expiresAt = Instant.ofEpochSecond(in.readLong());
      String endpoint = in.readUTF();
      Secret token = Secret.of(new String(in.readAllBytes(), UTF_8));
      return Optional.of(new VendedToken(token, endpoint, expiresAt, grant.tokenId()));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
