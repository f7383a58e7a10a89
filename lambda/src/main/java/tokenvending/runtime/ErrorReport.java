package tokenvending.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A failure as AWS's own client for Java tells it.
 *
 * @param kind for the header {@code Lambda-Runtime-Function-Error-Type}
 * @param message what was thrown says of itself; API Gateway compares it for authorizers
 * @param type the class of what was thrown
 * @param frames where, from the inside out, without the frames of this package
 */
record ErrorReport(String kind, String message, String type, List<String> frames) {
  private static final String OURS = ErrorReport.class.getPackageName() + ".";
  private static final JsonFactory JSON = new JsonFactory();

  ErrorReport {
    frames = List.copyOf(frames);
  }

  /** Of an event. */
  static ErrorReport ofInvocation(Throwable thrown) {
    List<String> frames = new ArrayList<>();
    for (StackTraceElement frame : thrown.getStackTrace()) {
      if (frame.getClassName().startsWith(OURS)) {
        break;
      }
      frames.add(frame.toString());
    }
    return new ErrorReport(
        "Runtime.UserException", messageOf(thrown), thrown.getClass().getName(), frames);
  }

  /** Of a function that cannot begin; AWS's client tells no frames then. */
  static ErrorReport ofStart(Throwable thrown) {
    return new ErrorReport(
        "Runtime.BadFunctionCode", messageOf(thrown), thrown.getClass().getName(), List.of());
  }

  private static String messageOf(Throwable thrown) {
    String message = thrown.getLocalizedMessage();
    return message == null ? thrown.getClass().getName() : message;
  }

  byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeStringField("errorMessage", message);
      out.writeStringField("errorType", type);
      if (!frames.isEmpty()) {
        out.writeArrayFieldStart("stackTrace");
        for (String frame : frames) {
          out.writeString(frame);
        }
        out.writeEndArray();
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("memory can be written", e);
    }
    return bytes.toByteArray();
  }
}
