package tokenvending.momentolocal.credential;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.server.ServiceRequestContext;
import java.util.List;

/** Reads the key of a Token or Auth call: from the body, otherwise from the header. */
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
