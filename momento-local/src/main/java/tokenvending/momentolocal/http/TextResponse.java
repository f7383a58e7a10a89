package tokenvending.momentolocal.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;

/** Responses of plain text, in which a browser looks for nothing else. */
public final class TextResponse {

  private TextResponse() {}

  /** Returns a response of one line. */
  public static HttpResponse of(HttpStatus status, String line) {
    return HttpResponse.of(
        ResponseHeaders.of(
            status,
            HttpHeaderNames.CONTENT_TYPE,
            MediaType.PLAIN_TEXT_UTF_8,
            HttpHeaderNames.X_CONTENT_TYPE_OPTIONS,
            "nosniff"),
        HttpData.ofUtf8(line + "\n"));
  }
}
