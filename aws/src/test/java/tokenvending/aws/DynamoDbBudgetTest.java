package tokenvending.aws;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.state.SharedState;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.SharedBudgetContract;
import tokenvending.testing.StoreProcess;

/** By a table of each test's own. */
@Tag("I8")
final class DynamoDbBudgetTest extends SharedBudgetContract {
  /** dynalite takes some milliseconds for a call, and more on a busy machine. */
  private static final Duration TIMEOUT = Duration.ofMillis(800);

  private static final String PREFIX = "tvm#";

  @TempDir private Path folder;
  private DynamoDbProcess store;

  @BeforeEach
  void start() {
    store = DynamoDbProcess.start(folder);
  }

  @AfterEach
  void end() {
    store.close();
  }

  @Override
  protected StoreProcess store() {
    return store;
  }

  @Override
  protected SharedState open() {
    return AtLoopback.state(store, PREFIX, InstantSource.system(), Pulse.YES, TIMEOUT);
  }

  @Override
  protected void settle() {
    AtLoopback.openLine(store, PREFIX);
  }

  @Override
  protected int people() {
    return 3;
  }

  /** How many fewer depends on how fast the table is, which on this machine says nothing. */
  @Override
  protected int used() {
    return 5;
  }
}
