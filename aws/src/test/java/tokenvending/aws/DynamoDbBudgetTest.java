package tokenvending.aws;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.state.SharedState;
import tokenvending.testing.DynamoDbProcess;
import tokenvending.testing.SharedBudgetContract;
import tokenvending.testing.StoreProcess;

/** By one table, with a queue of each test's own. */
@Tag("I8")
final class DynamoDbBudgetTest extends SharedBudgetContract {
  /** dynalite takes some milliseconds for a call, and more on a busy machine. */
  private static final Duration PATIENCE = Duration.ofMillis(800);

  @TempDir private static Path folder;
  private static DynamoDbProcess store;

  private final String prefix = UUID.randomUUID() + "#";

  @BeforeAll
  static void start() {
    store = DynamoDbProcess.start(folder);
  }

  @AfterAll
  static void end() {
    store.close();
  }

  @Override
  protected StoreProcess store() {
    return store;
  }

  @Override
  protected SharedState open() {
    return AtLoopback.state(store, prefix, InstantSource.system(), Pulse.YES, PATIENCE);
  }

  @Override
  protected void settle() {
    AtLoopback.openLine(store, prefix);
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
