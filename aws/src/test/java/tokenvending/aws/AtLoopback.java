package tokenvending.aws;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import tokenvending.aws.DynamoDbLink.Pulse;
import tokenvending.aws.JsonService.Access;
import tokenvending.aws.JsonService.Service;
import tokenvending.testing.DynamoDbProcess;

/** States in a table on this machine. */
final class AtLoopback {
  private AtLoopback() {}

  private static final Account ACCOUNT =
      new EnvironmentAccount(
          "us-west-2", new Account.Credentials("AKIDEXAMPLE", "example", Optional.empty()));

  static Table table(URI address, InstantSource clock) {
    return new Table(
        DynamoDbProcess.TABLE,
        new JsonService(
            Service.DYNAMODB,
            () -> new Access(ACCOUNT, address),
            DynamoDbState.TIMEOUT,
            clock,
            System::nanoTime),
        new ClockCheck(clock));
  }

  /** As a server has it. */
  static DynamoDbState state(DynamoDbProcess store, String prefix) {
    return state(store, prefix, InstantSource.system(), Pulse.YES, DynamoDbLink.TIMEOUT);
  }

  static DynamoDbState state(
      DynamoDbProcess store, String prefix, InstantSource clock, Pulse pulse, Duration timeout) {
    return DynamoDbState.open(
        table(store.address(), clock), prefix, clock, System::nanoTime, pulse, timeout);
  }

  /** A line that is new stays closed for some time, except where somebody says that it is old. */
  static void openLine(DynamoDbProcess store, String prefix) {
    try (Table table = table(store.address(), InstantSource.system())) {
      new SlotsItem(Items.key(prefix + DynamoDbBudgetQueue.QUEUE)).create(table, 1, 0);
    }
  }

  /** By a clock of the test's, which does not let time pass for calls that are slow. */
  static DynamoDbState state(DynamoDbProcess store, String prefix, InstantSource clock) {
    return DynamoDbState.open(
        table(store.address(), InstantSource.system()),
        prefix,
        clock,
        System::nanoTime,
        Pulse.NO,
        Duration.ofSeconds(10));
  }

  /** A clock that goes before, or after where that is negative. */
  static InstantSource ahead(Duration by) {
    return () -> InstantSource.system().instant().plus(by);
  }
}
