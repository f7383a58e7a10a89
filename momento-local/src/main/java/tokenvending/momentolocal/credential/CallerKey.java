package tokenvending.momentolocal.credential;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;

/** Where Token and Auth calls carry the caller's key: the body, or else the header. */
final class CallerKey {

  private CallerKey() {}

  static String of(String inBody) {
    if (!inBody.isEmpty()) {
      return inBody;
    }
    List<String> headers =
        ServiceRequestContext.current().request().headers().getAll(HttpHeaderNames.AUTHORIZATION);
    return headers.size() == 1 ? headers.getFirst() : "";
  }
}
