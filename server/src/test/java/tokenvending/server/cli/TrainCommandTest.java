package tokenvending.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.PageFolder;
import tokenvending.server.Vendor;

/** What a server is asked while the JVM is trained. */
@DisplayNameGeneration(ReplaceUnderscores.class)
final class TrainCommandTest {
  @TempDir private Path folder;

  @Test
  void a_server_that_vends_is_one_to_train_by() throws IOException, InterruptedException {
    PageFolder pages = PageFolder.missing("No pages here.");
    try (Vendor vendor = Vendor.startLocal(folder, Vendor.OPEN, pages).ready()) {
      TrainCommand.ask(address(vendor), "a.b.c", 401);
      assertThat(vendor.audit()).anyMatch(line -> line.contains("\"vended\""));
    }
  }

  @Test
  void nobody_is_trained_by_refusals() {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      vendor.tokenService.accept();
      assertThatThrownBy(() -> TrainCommand.ask(address(vendor), "a.b.c", 401))
          .isInstanceOf(IOException.class)
          .hasMessageMatching(
              "GET http://127.0.0.1:[0-9]+/\\?name=ann \\[] was answered 50[23], not 200");
    }
  }

  @Test
  void a_bearer_token_that_is_refused_where_one_is_due_is_named_but_not_told() {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      assertThatThrownBy(() -> TrainCommand.ask(address(vendor), "a.b.c", 200))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("/ [authorization] was answered 401, not 200")
          .hasMessageNotContaining("a.b.c");
    }
  }

  @Test
  void an_answer_without_a_token_is_no_vend() {
    try (Vendor vendor = Vendor.start(folder, Vendor.OPEN)) {
      URI noVend = address(vendor).resolve("/healthz");
      assertThatThrownBy(() -> TrainCommand.ask(noVend, "a.b.c", 401))
          .isInstanceOf(IOException.class)
          .hasMessageEndingWith("/healthz [origin] was answered without a token");
    }
  }

  private static URI address(Vendor vendor) {
    return URI.create("http://127.0.0.1:" + vendor.port() + "/");
  }
}
