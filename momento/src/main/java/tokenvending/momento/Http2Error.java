package tokenvending.momento;

import java.util.Locale;

/** The error codes of HTTP/2 (RFC 9113 §7). */
public enum Http2Error {
  NO_ERROR(0),
  PROTOCOL_ERROR(1),
  INTERNAL_ERROR(2),
  FLOW_CONTROL_ERROR(3),
  SETTINGS_TIMEOUT(4),
  STREAM_CLOSED(5),
  FRAME_SIZE_ERROR(6),
  REFUSED_STREAM(7),
  CANCEL(8),
  COMPRESSION_ERROR(9),
  CONNECT_ERROR(10),
  ENHANCE_YOUR_CALM(11),
  INADEQUATE_SECURITY(12),
  HTTP_1_1_REQUIRED(13);

  private final int code;

  Http2Error(int code) {
    this.code = code;
  }

  /** The number that is sent. */
  public int code() {
    return code;
  }

  /** The name of a code, or its number where RFC 9113 does not define it. */
  static String name(long code) {
    for (Http2Error error : values()) {
      if (error.code == code) {
        return error.name();
      }
    }
    return String.format(Locale.ROOT, "0x%x", code & 0xffff_ffffL);
  }
}
