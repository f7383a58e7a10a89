package tokenvending.api;

import java.util.ArrayList;
import java.util.List;

/** An answer, ready to be written. */
public record ApiResponse(int status, List<Field> headers, Body body) {
  public ApiResponse {
    headers = List.copyOf(headers);
  }

  ApiResponse with(List<Field> more) {
    List<Field> all = new ArrayList<>(headers);
    all.addAll(more);
    return new ApiResponse(status, all, body);
  }
}
