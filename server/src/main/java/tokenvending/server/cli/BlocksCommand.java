package tokenvending.server.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.server.lifecycle.ExitCode;

/** {@code blocks}: prints the list of blocked callers. */
@Command(
    name = "blocks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints the callers whom an operator has blocked.",
      "Exit code: 0 printed, 1 the list cannot be read, 2 the input is not clear."
    })
final class BlocksCommand implements Callable<Integer> {
  @Mixin private final BlocksOption blocks = new BlocksOption();

  @Override
  public Integer call() {
    return blocks.run(this::print);
  }

  private int print(BlockList list) {
    Optional<List<Block>> all = list.inForce();
    if (all.isEmpty()) {
      return blocks.unavailable();
    }
    all.get().forEach(block -> blocks.out().println(line(block)));
    blocks.out().println(DisplayFormat.count(all.get().size(), "block"));
    return ExitCode.DONE;
  }

  /** Returns a block as one line. */
  static String line(Block block) {
    return AuditReport.printable(block.subject())
        + block.issuer().map(issuer -> " of " + AuditReport.printable(issuer)).orElse("")
        + block.until().map(end -> ", until " + end).orElse("")
        + block.reason().map(text -> ": " + AuditReport.printable(text)).orElse("");
  }
}
