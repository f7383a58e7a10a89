package tokenvending.momentolocal.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import io.grpc.Status;
import java.util.function.Function;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;

/** The errors of calls as HTTP responses. */
final class ErrorResponses {

  private ErrorResponses() {}

  /** Returns the response of a result, or its error. */
  static <T> HttpResponse orError(CallResult<T> result, Function<T, HttpResponse> response) {
    return switch (result) {
      case CallResult.Reply<T>(T message) -> response.apply(message);
      case CallResult.Refused<T>(CallError refusal) -> response(refusal);
    };
  }

  static HttpResponse response(CallError error) {
    return response(error.status());
  }

  static HttpResponse response(Status status) {
    HttpStatus http =
        switch (status.getCode()) {
          case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
          case PERMISSION_DENIED -> HttpStatus.FORBIDDEN;
          case NOT_FOUND -> HttpStatus.NOT_FOUND;
          case INVALID_ARGUMENT, FAILED_PRECONDITION -> HttpStatus.BAD_REQUEST;
          case RESOURCE_EXHAUSTED -> HttpStatus.TOO_MANY_REQUESTS;
          case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
          default -> HttpStatus.INTERNAL_SERVER_ERROR;
        };
    return TextResponse.of(http, String.valueOf(status.getDescription()));
  }
}
