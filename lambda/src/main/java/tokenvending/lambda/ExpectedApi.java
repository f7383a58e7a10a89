package tokenvending.lambda;

import java.util.Map;
import java.util.Optional;

/**
 * The REST API and the stage whose events are accepted. Anyone with permission to invoke the
 * function could send any event, but only this gateway's verification counts.
 */
record ExpectedApi(String id, String stage) {
  static Optional<ExpectedApi> of(Map<String, String> environment) {
    String id = environment.getOrDefault("TVM_API_ID", "");
    String stage = environment.getOrDefault("TVM_STAGE", "");
    return id.isBlank() || stage.isBlank()
        ? Optional.empty()
        : Optional.of(new ExpectedApi(id, stage));
  }

  void require(GatewayEvent event) {
    if (!event.apiId().equals(id) || !event.stage().equals(stage)) {
      throw new UnsupportedEvent("This function accepts events of its own API and stage only.");
    }
  }
}
