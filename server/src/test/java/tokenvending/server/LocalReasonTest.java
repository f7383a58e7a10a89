package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.PageFolder;

/** In local use, and there only, an answer says why a request was rejected. */
@Tag("T17")
final class LocalReasonTest {
  private static final String POLICY =
      """
      authentication:
        - open: {}
      parameters:
        name: { max-length: 8, required: false }
      rules:
        - id: moderators
          when: { groups: [moderators] }
          permissions:
            - { role: ReadWrite, cache: chat, item: all }
      """;

  @TempDir private Path folder;

  @Test
  void answer_in_local_use_says_why() {
    try (Vendor vendor =
        Vendor.startLocal(folder, POLICY, PageFolder.missing("No pages here.")).ready()) {
      Answer denied = vendor.ask(get("/?name=a"));
      assertThat(denied.status()).isEqualTo(403);
      assertThat(denied.body())
          .contains(
              "\"detail\":\"Denied: no rule matches (moderators: the caller is in none of the"
                  + " groups [moderators]).\"");
      Answer undeclared = vendor.ask(get("/?nam=a"));
      assertThat(undeclared.status()).isEqualTo(400);
      assertThat(undeclared.body())
          .contains("\"detail\":\"Malformed: nam is not declared; the file declares name.\"");
      assertThat(vendor.ask(get("/?name=123456789")).body())
          .contains("a value is longer than the file allows (name: at most 8)");
      assertThat(vendor.ask(get("/?ttl=a")).body()).contains("Malformed: ttl not understood.");
    }
  }

  @Test
  void answer_elsewhere_does_not() {
    try (Vendor vendor = Vendor.start(folder, POLICY).ready()) {
      assertThat(vendor.ask(get("/?name=a")).body())
          .contains("\"detail\":\"The policy does not allow this request.\"")
          .doesNotContain("moderators");
      assertThat(vendor.ask(get("/?nam=a")).body())
          .contains("\"detail\":\"The request is malformed. Check its parameters and its body.\"")
          .doesNotContain("nam is");
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  }
}
