package tokenvending.momentolocal.fault;

import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tokenvending.momentolocal.call.CallError;
import tokenvending.momentolocal.call.CallResult;

/**
 * Which calls fail, are delayed, or end early. Clients send one in the metadata that Momento's own
 * image of momento-local accepts.
 */
public record FaultPlan(
    Optional<Failure> failure, Optional<Delay> delay, Optional<StreamEnd> streamEnd) {

  /** The value of a count that is not limited. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  /** The names of the metadata, which pages of gRPC-Web clients send as headers. */
  public static final List<String> HEADERS =
      List.of(
          "request-id",
          "return-error",
          "error-rpcs",
          "error-count",
          "delay-ms",
          "delay-rpcs",
          "delay-count",
          "stream-error",
          "stream-error-rpcs",
          "stream-error-message-limit");

  private static final int MAX_SESSION_LENGTH = 128;
  private static final Duration MAX_DELAY = Duration.ofMinutes(1);
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  /** The first {@code count} selected calls end with {@code code} and have no effect. */
  public record Failure(Status.Code code, RpcNames rpcs, long count) {}

  /** The first {@code count} selected calls start late. */
  public record Delay(Duration time, RpcNames rpcs, long count) {}

  /** Selected streams end with {@code code} after {@code messages}, heartbeats included. */
  public record StreamEnd(Status.Code code, RpcNames rpcs, long messages) {}

  /** Returns a plan without faults. */
  public static FaultPlan none() {
    return new FaultPlan(Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** Returns a plan with only this failure. */
  public static FaultPlan of(Failure failure) {
    return new FaultPlan(Optional.of(failure), Optional.empty(), Optional.empty());
  }

  /** Reads an error as SDKs write it, such as {@code unavailable}. */
  public static Optional<Status.Code> code(String name) {
    return Arrays.stream(Status.Code.values())
        .filter(code -> code != Status.Code.OK && name(code).equals(name))
        .findFirst();
  }

  /** Returns the names of all errors, for messages. */
  public static String codes() {
    return Arrays.stream(Status.Code.values())
        .filter(code -> code != Status.Code.OK)
        .map(FaultPlan::name)
        .collect(Collectors.joining(", "));
  }

  boolean isEmpty() {
    return failure.isEmpty() && delay.isEmpty() && streamEnd.isEmpty();
  }

  /** Reads the plan of a call. */
  static CallResult<FaultPlan> read(Metadata headers) {
    try {
      return new CallResult.Reply<>(
          new FaultPlan(
              value(headers, "return-error")
                  .map(
                      error ->
                          new Failure(
                              code("return-error", error),
                              rpcs(headers, "error-rpcs"),
                              count(headers, "error-count").orElse(UNLIMITED))),
              count(headers, "delay-ms")
                  .map(
                      millis ->
                          new Delay(
                              delay(millis),
                              rpcs(headers, "delay-rpcs"),
                              count(headers, "delay-count").orElse(UNLIMITED))),
              value(headers, "stream-error")
                  .map(
                      error ->
                          new StreamEnd(
                              code("stream-error", error),
                              rpcs(headers, "stream-error-rpcs"),
                              count(headers, "stream-error-message-limit").orElse(0L)))));
    } catch (IllegalArgumentException e) {
      return new CallResult.Refused<>(CallError.invalid(String.valueOf(e.getMessage())));
    }
  }

  /** Returns the id of the test that the call is part of. */
  static String session(Metadata headers) {
    String id = value(headers, "request-id").orElse("");
    return id.length() > MAX_SESSION_LENGTH ? id.substring(0, MAX_SESSION_LENGTH) : id;
  }

  private static Status.Code code(String header, String name) {
    return code(name)
        .orElseThrow(() -> new IllegalArgumentException(header + ": expected one of " + codes()));
  }

  private static Duration delay(long millis) {
    Duration delay = Duration.ofMillis(millis);
    if (delay.compareTo(MAX_DELAY) > 0) {
      throw new IllegalArgumentException("delay-ms: at most " + MAX_DELAY.toMillis());
    }
    return delay;
  }

  private static RpcNames rpcs(Metadata headers, String header) {
    RpcNames names = RpcNames.parse(value(headers, header).orElse(""));
    for (String unknown : names.unknown()) {
      throw new IllegalArgumentException(header + ": no such call: " + unknown);
    }
    return names;
  }

  private static Optional<Long> count(Metadata headers, String header) {
    return value(headers, header)
        .map(
            text -> {
              if (!NUMBER.matcher(text).matches()) {
                throw new IllegalArgumentException(header + ": expected a number");
              }
              return Long.parseLong(text);
            });
  }

  private static Optional<String> value(Metadata headers, String header) {
    @Nullable String value = headers.get(Metadata.Key.of(header, Metadata.ASCII_STRING_MARSHALLER));
    return Optional.ofNullable(value).filter(text -> !text.isEmpty());
  }

  private static String name(Status.Code code) {
    return code.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
