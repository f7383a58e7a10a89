package tokenvending.configuration;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Generates the JSON Schema (2020-12) of {@code tvm.yaml} for editors, from the same description
 * that the reader uses. Rules about the file as a whole are not in it.
 */
public final class JsonSchema {
  private JsonSchema() {}

  public static String text() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "tvm.yaml");
    schema.put("description", "Configuration of the token vending machine.");
    schema.putAll(new TvmYaml(Path.of("")).shape().schema());
    StringBuilder out = new StringBuilder();
    write(schema, "\n", out);
    return out.append('\n').toString();
  }

  private static void write(Object value, String line, StringBuilder out) {
    switch (value) {
      case Map<?, ?> map -> {
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> i = map.entrySet().iterator(); i.hasNext(); ) {
          Map.Entry<?, ?> entry = i.next();
          out.append(line).append("  ");
          write(entry.getKey(), line, out);
          out.append(": ");
          write(entry.getValue(), line + "  ", out);
          out.append(i.hasNext() ? "," : line);
        }
        out.append('}');
      }
      case List<?> list -> {
        out.append('[');
        for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
          out.append(line).append("  ");
          write(i.next(), line + "  ", out);
          out.append(i.hasNext() ? "," : line);
        }
        out.append(']');
      }
      case String text ->
          out.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      case Integer number -> out.append(number);
      case Boolean truth -> out.append(truth);
      default -> throw new IllegalArgumentException("not a value of a schema");
    }
  }
}
