package tokenvending.api;

/**
 * The problem types of rejections (RFC 9457). Each is one constant document except for the request
 * id, and contains nothing about the request, the policy or an exception.
 */
public enum Problem {
  MALFORMED(
      400,
      "malformed-request",
      "Malformed request",
      "The request is malformed. Check its parameters and its body."),
  METHOD_NOT_ALLOWED(405, "malformed-request", "Malformed request", "Use GET or POST."),
  REQUEST_TIMEOUT(
      408, "malformed-request", "Malformed request", "The request took too long to arrive."),
  TOO_LARGE(413, "malformed-request", "Malformed request", "The request body is too large."),
  UNSUPPORTED_MEDIA_TYPE(
      415, "malformed-request", "Malformed request", "Send parameters as application/json."),
  HEADERS_TOO_LARGE(
      431,
      "malformed-request",
      "Malformed request",
      "The request line or the headers are too large."),
  UNAUTHENTICATED(401, "unauthenticated", "Not authenticated", "A valid credential is required."),
  NOT_PERMITTED(403, "not-permitted", "Not permitted", "The policy does not allow this request."),
  HOST_NOT_ALLOWED(
      403,
      "host-not-allowed",
      "Host not allowed",
      "This host name is not allowed. The operator can add it to server.allowed-hosts."),
  MISDIRECTED(
      421,
      "host-not-allowed",
      "Host not allowed",
      "This host name is not allowed. The operator can add it to server.allowed-hosts."),
  NOT_FOUND(404, "not-found", "Not found", "There is no resource at this path."),
  THROTTLED(
      429,
      "throttled",
      "Too many requests",
      "The rate limit is exceeded. Retry after the time in Retry-After."),
  UNAVAILABLE(
      503,
      "temporarily-unavailable",
      "Temporarily unavailable",
      "No token is available now. Retry after the time in Retry-After."),
  UPSTREAM_FAULT(
      502,
      "upstream-fault",
      "Upstream fault",
      "The token service returned an error or an invalid response."),
  INTERNAL(500, "internal", "Internal error", "An internal error occurred.");

  private final int status;
  private final String type;
  private final String title;
  private final String detail;

  Problem(int status, String type, String title, String detail) {
    this.status = status;
    this.type = type;
    this.title = title;
    this.detail = detail;
  }

  public int status() {
    return status;
  }

  /** The type URI: a URN, because it does not resolve. */
  public String type() {
    return "urn:problem-type:tokenvending:" + type;
  }

  /** The last part of {@link #type}. */
  String kind() {
    return type;
  }

  public String title() {
    return title;
  }

  public String detail() {
    return detail;
  }
}
