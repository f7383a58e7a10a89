package tokenvending.lambda.runtime;

import java.util.StringJoiner;

/**
 * What Lambda is told of an event that was not answered: the kind of exception and where it arose.
 * Its message is left out, because it may quote what the caller sent.
 *
 * @param type the class of the exception
 * @param trace class, method and line of each frame
 */
public record Failure(String type, java.util.List<String> trace) {
  private static final int FRAMES = 64;

  public Failure {
    trace = java.util.List.copyOf(trace);
  }

  public static Failure of(Throwable cause) {
    return new Failure(
        cause.getClass().getName(),
        java.util.Arrays.stream(cause.getStackTrace())
            .limit(FRAMES)
            .map(StackTraceElement::toString)
            .toList());
  }

  /** The document that the Runtime API takes. */
  String json() {
    StringJoiner frames = new StringJoiner(",", "[", "]");
    for (String frame : trace) {
      frames.add(quoted(frame));
    }
    return "{\"errorMessage\":\"the event was not answered\",\"errorType\":"
        + quoted(type)
        + ",\"stackTrace\":"
        + frames
        + "}";
  }

  // Names of classes and methods hold nothing else that JSON would mind.
  private static String quoted(String name) {
    return '"' + name.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
