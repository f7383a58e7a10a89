package tokenvending.momentolocal;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceOptions;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;

/**
 * Raises the limit on the length of requests for the decorated service. Armeria reads unary
 * requests before it calls the service, so setting the limit in the call would be too late.
 */
final class RequestLengthLimit extends SimpleDecoratingHttpService {

  // gRPC-Web text encodes messages in base64, which makes four bytes of three.
  private static final long MAX_REQUEST_BYTES = (MomentoLocal.MAX_MESSAGE_BYTES + 5L) * 4 / 3 + 64;

  RequestLengthLimit(HttpService delegate) {
    super(delegate);
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) throws Exception {
    return unwrap().serve(ctx, request);
  }

  @Override
  public ServiceOptions options() {
    return ServiceOptions.builder().maxRequestLength(MAX_REQUEST_BYTES).build();
  }
}
