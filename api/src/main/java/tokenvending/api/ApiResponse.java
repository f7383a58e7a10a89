package tokenvending.api;

import java.util.ArrayList;
import java.util.List;
import tokenvending.text.JsonObject;

/** A response, ready to be written. */
public record ApiResponse(int status, List<Field> headers, Body body) {
  public ApiResponse {
    headers = List.copyOf(headers);
  }

  static ApiResponse json(int status, JsonObject json) {
    return new ApiResponse(
        status, List.of(new Field("content-type", "application/json")), Body.of(json.utf8()));
  }

  ApiResponse with(List<Field> more) {
    List<Field> all = new ArrayList<>(headers);
    all.addAll(more);
    return new ApiResponse(status, all, body);
  }
}
