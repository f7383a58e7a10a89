package tokenvending.server.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.request.Ttl;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.text.PlainText;

/** {@code block}: adds a caller to the list of blocked callers. */
@Command(
    name = "block",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Blocks a caller on all instances within a second. It needs `blocks:` in the policy.",
      "Tokens that were vended before work until they expire: audit --subject SUBJECT --live lists"
          + " them.",
      "Exit code: 0 blocked, 1 the list cannot be written or is full, 2 the input is not clear."
    })
final class BlockCommand implements Callable<Integer> {
  /** As for names elsewhere. */
  private static final int LONGEST = 512;

  @Mixin private final BlocksOption blocks = new BlocksOption();

  @Parameters(index = "0", paramLabel = "SUBJECT", description = "The subject, or the user's name.")
  private String subject = "";

  @Option(
      names = "--issuer",
      paramLabel = "ISSUER",
      description = "Only this issuer's caller. Default: the subject of every issuer.")
  private Optional<String> issuer = Optional.empty();

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "The end: a time such as 2030-01-31T18:00:00Z, or 90m, 12h. Default: none.")
  private Optional<String> until = Optional.empty();

  @Option(names = "--reason", paramLabel = "TEXT", description = "A note for the audit log.")
  private Optional<String> reason = Optional.empty();

  @Override
  public Integer call() {
    Instant now = Instant.now();
    Optional<Instant> end = until.flatMap(text -> end(text, now));
    if (until.isPresent() && end.filter(now::isBefore).isEmpty()) {
      return unclear("--until: expected a time in the future, such as 2030-01-31T18:00:00Z or 12h");
    }
    for (Optional<String> text : List.of(Optional.of(subject), issuer, reason)) {
      if (text.filter(one -> one.length() > LONGEST || !PlainText.isVisible(one)).isPresent()) {
        return unclear("expected visible texts of at most " + LONGEST + " characters");
      }
    }
    return blocks.run(
        issuer, list -> block(list, new Block(issuer, subject, false, now, end, reason)));
  }

  private int unclear(String message) {
    blocks.err().println(message);
    blocks.err().flush();
    return ExitCode.WRONG_INPUT;
  }

  private int block(BlockList list, Block block) {
    if (!list.put(block)) {
      return blocks.unavailable();
    }
    blocks.out().println("blocked: " + BlocksCommand.line(block));
    return ExitCode.DONE;
  }

  private static Optional<Instant> end(String text, Instant now) {
    Optional<Duration> span = Ttl.parse(text);
    if (span.isPresent()) {
      // A whole second, and not before the span is over.
      return Optional.of(now.plus(span.get()).plusMillis(999).truncatedTo(ChronoUnit.SECONDS));
    }
    try {
      // As the list keeps it.
      return Optional.of(Instant.parse(text).truncatedTo(ChronoUnit.MILLIS));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
