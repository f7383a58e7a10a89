package tokenvending.server.cli;

import java.io.PrintWriter;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tokenvending.application.DescribedCaller;
import tokenvending.block.Block;
import tokenvending.block.BlockList;
import tokenvending.configuration.Configuration;
import tokenvending.configuration.ConfigurationResult.Read;
import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;
import tokenvending.policy.Decision;
import tokenvending.policy.Explanation;
import tokenvending.policy.Grant;
import tokenvending.request.VendRequest;
import tokenvending.server.lifecycle.ExitCode;
import tokenvending.server.lifecycle.PolicyFile;
import tokenvending.server.lifecycle.ProblemPrinter;

/**
 * {@code explain}: shows which rule a caller matches, why the others do not, and what the caller is
 * granted. Mints nothing.
 */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what a caller would get, and by which rule.",
      "Exit code: 0 a token, 1 no token, 2 invalid input."
    })
final class ExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final PolicyOption policy = new PolicyOption();
  @Mixin private final VendOptions options = new VendOptions();

  @Option(
      names = "--address",
      paramLabel = "ADDRESS",
      description = "The caller's address, for entries under deny. Default: none of these matches.")
  private Optional<String> address = Optional.empty();

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec, "picocli sets it");
    PrintWriter err = own.commandLine().getErr();
    ProblemPrinter printer = new ProblemPrinter(err, System.getenv());
    Optional<Read> read =
        PolicyFile.find(policy.named(), System.getenv(), printer)
            .flatMap(file -> PolicyFile.read(file, printer));
    if (read.isEmpty()) {
      return ExitCode.WRONG_INPUT;
    }
    Configuration configuration = read.get().configuration();
    try {
      Principal caller = options.principal(configuration);
      VendRequest request = options.request(configuration);
      Instant now = Instant.now();
      Optional<ClientAddress> from = address.flatMap(ClientAddress::parse);
      if (address.isPresent() && from.isEmpty()) {
        throw new VendOptions.Unclear("--address: expected an IP address");
      }
      Optional<String> deniedReason =
          DescribedCaller.deniedReason(caller, configuration)
              .or(() -> DescribedCaller.denyReason(caller, from, configuration, now))
              .or(() -> blockReason(caller, configuration, err));
      PrintWriter out = own.commandLine().getOut();
      if (deniedReason.isPresent()) {
        out.println("denied: " + deniedReason.get());
        out.flush();
        return ExitCode.REFUSED;
      }
      return print(configuration.policy().explain(caller, request, now), out);
    } catch (VendOptions.Unclear e) {
      err.println(e.getMessage());
      err.flush();
      return ExitCode.WRONG_INPUT;
    }
  }

  /** Returns that the caller is blocked; prints that the list cannot be read, if that is so. */
  private static Optional<String> blockReason(
      Principal caller, Configuration configuration, PrintWriter err) {
    AtomicReference<BlockList.Status> found = new AtomicReference<>(new BlockList.Status.Unknown());
    Optional<String> problem =
        configuration
            .blocks()
            .flatMap(
                settings ->
                    OpenedBlocks.use(
                        settings,
                        configuration.state(),
                        System.getenv(),
                        list -> found.set(list.status(caller))));
    return switch (found.get()) {
      case BlockList.Status.NotBlocked() -> Optional.empty();
      case BlockList.Status.Blocked(Block block) ->
          Optional.of("an operator blocked the caller: " + BlocksCommand.line(block));
      case BlockList.Status.Unknown() -> {
        if (configuration.blocks().isPresent()) {
          err.println(
              "the list of blocked callers was not read, so this is without it: "
                  + problem.orElse("it is unavailable"));
          err.flush();
        }
        yield Optional.empty();
      }
    };
  }

  private static int print(Explanation explanation, PrintWriter out) {
    for (Explanation.RuleVerdict verdict : explanation.verdicts()) {
      out.printf(
          "rule %-16s %s: %s%n",
          verdict.rule(), verdict.matched() ? "matches" : "does not match", verdict.why());
    }
    int code =
        switch (explanation.decision()) {
          case Decision.Granted(Grant grant) -> {
            out.println("granted");
            for (String permission : grant.permissions().texts()) {
              out.println("  permission  " + permission);
            }
            out.println("  ttl         " + DisplayFormat.of(grant.ttl()));
            out.println("  token id    " + grant.tokenId().map(Object::toString).orElse("none"));
            out.println("  reuse       " + grant.reuse().word());
            yield ExitCode.DONE;
          }
          case Decision.Denied(String rule, Decision.Reason reason) -> {
            String by = rule.isEmpty() ? "" : " by rule " + rule;
            out.println(
                "denied" + by + ": " + reason.name().toLowerCase(Locale.ROOT).replace('_', ' '));
            yield ExitCode.REFUSED;
          }
        };
    out.flush();
    return code;
  }
}
