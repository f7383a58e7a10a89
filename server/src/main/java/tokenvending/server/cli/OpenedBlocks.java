package tokenvending.server.cli;

import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import tokenvending.application.FileBlockStore;
import tokenvending.block.BlockList;
import tokenvending.configuration.BlockSettings;
import tokenvending.configuration.StateSettings;
import tokenvending.server.lifecycle.ServerStateOpener;
import tokenvending.state.BlockStore;
import tokenvending.state.SharedState;

/** Opens the list of blocked callers for a command. */
final class OpenedBlocks {
  private OpenedBlocks() {}

  /** Passes the list on; returns why there is none if it cannot be opened. */
  static Optional<String> use(
      BlockSettings settings,
      StateSettings state,
      Map<String, String> environment,
      Consumer<BlockList> user) {
    return switch (settings) {
      case BlockSettings.File(var path) -> {
        user.accept(list(new FileBlockStore(path)));
        yield Optional.empty();
      }
      case BlockSettings.Shared() -> useState(state, environment, user);
    };
  }

  private static Optional<String> useState(
      StateSettings state, Map<String, String> environment, Consumer<BlockList> user) {
    if (state instanceof StateSettings.Memory) {
      return Optional.of(
          "the policy names no store in state: for a stack on AWS add --table TABLE");
    }
    ServerStateOpener stores = new ServerStateOpener(environment, InstantSource.system());
    Optional<String> problem = stores.configurationError(state);
    if (problem.isEmpty()) {
      try (SharedState shared = stores.open(state, System::nanoTime)) {
        user.accept(list(shared.blocks()));
      }
    }
    return problem;
  }

  private static BlockList list(BlockStore store) {
    return new BlockList(store, System::nanoTime, InstantSource.system());
  }
}
