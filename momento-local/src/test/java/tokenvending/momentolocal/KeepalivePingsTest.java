package tokenvending.momentolocal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * By HTTP/2 frames, since gRPC's own client for the JVM does not ping more often than every ten
 * seconds.
 */
@Timeout(180)
class KeepalivePingsTest {

  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;

  @Test
  void point_27_pings_without_calls_are_answered_and_never_too_many() throws Exception {
    try (Local local = Local.start();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), local.server.port())) {
      socket.setSoTimeout(60_000);
      socket.setTcpNoDelay(true);
      DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      frame(out, SETTINGS, 0, new byte[0]);

      // One after the other, as fast as they are answered: far more often than any SDK.
      for (int sent = 0; sent < 100; sent++) {
        frame(out, PING, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) sent});
        assertThat(pingAnswer(in)).isEqualTo((byte) sent);
      }
    }
  }

  private static void frame(DataOutputStream out, int type, int flags, byte[] payload)
      throws Exception {
    out.writeByte(payload.length >> 16);
    out.writeShort(payload.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(0);
    out.write(payload);
    out.flush();
  }

  private static byte pingAnswer(DataInputStream in) throws Exception {
    for (int frames = 0; frames < 10; frames++) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int _ = in.readInt();
      byte[] payload = in.readNBytes(length);
      assertThat(type).isNotEqualTo(GOAWAY);
      if (type == PING && (flags & ACK) != 0) {
        return payload[7];
      }
    }
    throw new AssertionError("no answer to a ping");
  }
}
