package tokenvending.lambda;

import java.util.Map;
import java.util.Optional;
import tokenvending.configuration.AwsOptions.Front;

/**
 * The sender of events that are accepted. Anyone with permission to invoke the function could send
 * any event, but only this gateway's verification counts.
 *
 * @param id of the API; empty for a function URL, whose id its function cannot know
 */
record ExpectedApi(Front front, String id, String stage) {
  static Optional<ExpectedApi> of(Map<String, String> environment, Front front) {
    if (front == Front.URL) {
      return Optional.of(new ExpectedApi(front, "", "$default"));
    }
    String id = environment.getOrDefault("TVM_API_ID", "");
    String stage = environment.getOrDefault("TVM_STAGE", "");
    return id.isBlank() || stage.isBlank()
        ? Optional.empty()
        : Optional.of(new ExpectedApi(front, id, stage));
  }

  void require(GatewayEvent event) {
    boolean own = front == Front.URL || event.apiId().equals(id);
    if (event.front() != front || !own || !event.stage().equals(stage)) {
      throw new UnsupportedEvent("This function accepts events of its own API and stage only.");
    }
  }
}
