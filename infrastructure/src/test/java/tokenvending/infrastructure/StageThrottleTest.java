package tokenvending.infrastructure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The throttle of the stage follows from the file. */
final class StageThrottleTest {
  @TempDir Path folder;

  private StageThrottle throttle(String reuse, String more) throws IOException {
    Path file = folder.resolve("tvm.yaml");
    Files.writeString(
        file,
        """
        authentication: [open: {}]
        rules:
          - id: all
            reuse: %s
            permissions:
              - { role: ReadOnly, cache: c }
        %s
        """
            .formatted(reuse, more));
    return StageThrottle.of(DeployableFile.of(file).configuration());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          never    |                                          | 50   | 100
          everyone |                                          | 200  | 400
          caller   |                                          | 200  | 400
          never    | momento: { budget: 1/s }                 | 50   | 100
          never    | momento: { budget: 20/s }                | 200  | 400
          never    | momento: { budget: 600/m }               | 100  | 200
          never    | momento: { max-wait: 5s }                | 50   | 250
          never    | momento: { max-wait: 0s }                | 50   | 100
          never    | limits: { per-address: 600/m }           | 200  | 400
          never    | limits: { per-address: 30/m }            | 50   | 100
          everyone | limits: { per-address: 1000/s }          | 1000 | 2000
          everyone | momento: { budget: 100/s, max-wait: 5s } | 1000 | 5000
          """)
  @Tag("T6")
  void rate_and_burst_follow_from_budget_reuse_limits_and_wait(
      String reuse, String more, int rate, int burst) throws IOException {
    assertThat(throttle(reuse, more == null ? "" : more)).isEqualTo(new StageThrottle(rate, burst));
  }

  @Test
  void twenty_addresses_can_use_their_whole_limit_at_once() throws IOException {
    assertThat(throttle("never", "limits: { per-address: 10/s }").rate()).isEqualTo(200);
  }
}
