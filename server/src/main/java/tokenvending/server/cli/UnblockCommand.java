package tokenvending.server.cli;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.server.lifecycle.ExitCode;

/** {@code unblock}: lifts a block. */
@Command(
    name = "unblock",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Lifts a block on all instances within a second.",
      "Exit code: 0 lifted, 1 there is no such block or the list cannot be written, 2 the input is"
          + " not clear."
    })
final class UnblockCommand implements Callable<Integer> {
  @Mixin private final BlocksOption blocks = new BlocksOption();

  @Parameters(index = "0", paramLabel = "SUBJECT", description = "As it was blocked.")
  private String subject = "";

  @Option(names = "--issuer", paramLabel = "ISSUER", description = "As it was blocked.")
  private Optional<String> issuer = Optional.empty();

  @Override
  public Integer call() {
    return blocks.run(this::lift);
  }

  private int lift(BlockList list) {
    Optional<List<Block>> all = list.inForce();
    if (all.isEmpty()) {
      return blocks.unavailable();
    }
    Optional<Block> found =
        all.get().stream()
            .filter(one -> one.subject().equals(subject) && one.issuer().equals(issuer))
            .findFirst();
    if (found.isEmpty()) {
      blocks.err().println("there is no such block: blocks lists all");
      return ExitCode.REFUSED;
    }
    if (!list.put(found.get().lift(Instant.now()))) {
      return blocks.unavailable();
    }
    blocks.out().println("no longer blocked: " + BlocksCommand.line(found.get()));
    return ExitCode.DONE;
  }
}
