package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One answer of {@code GET /metrics}, read line by line, strictly. */
final class Scrape {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL =
      Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"(?:,|$)");

  private final Map<String, Double> samples = new TreeMap<>();
  private final Map<String, Set<String>> labels = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();

  private Scrape() {}

  /** Asks a management port. */
  static Scrape of(int port) {
    try (Wire wire = Wire.to(port)) {
      Answer answer = wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("content-type"))
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
      return of(answer.body());
    }
  }

  static Scrape of(Vendor vendor) {
    return of(vendor.server.managementPort().orElseThrow());
  }

  static Scrape of(String text) {
    Scrape scrape = new Scrape();
    text.lines().forEach(scrape::read);
    return scrape;
  }

  private void read(String line) {
    if (line.startsWith("# TYPE ")) {
      String[] words = line.split(" ", -1);
      types.put(words[2], words[3]);
    }
    if (line.startsWith("#")) {
      return;
    }
    Matcher sample = SAMPLE.matcher(line);
    assertThat(sample.matches()).as(line).isTrue();
    String name = sample.group(1);
    Set<String> names = labels.computeIfAbsent(name, n -> new HashSet<>());
    TreeMap<String, String> found = new TreeMap<>();
    if (sample.group(2) != null) {
      Matcher label = LABEL.matcher(sample.group(2));
      int end = 0;
      while (label.find() && label.start() == end) {
        found.put(label.group(1), label.group(2));
        end = label.end();
      }
      assertThat(end).as(line).isEqualTo(sample.group(2).length());
      names.addAll(found.keySet());
    }
    Double before = samples.put(name + found, Double.valueOf(sample.group(3)));
    assertThat(before).as("told twice: " + line).isNull();
  }

  /** The value of one series, such as {@code name{a=b, c=d}} with its labels sorted. */
  double value(String series) {
    String key = series.endsWith("}") ? series : series + "{}";
    assertThat(samples).containsKey(key);
    return samples.getOrDefault(key, Double.NaN);
  }

  boolean has(String series) {
    return samples.containsKey(series.endsWith("}") ? series : series + "{}");
  }

  /** All series of a name, as {@link #value} names them. */
  Set<String> series(String name) {
    Set<String> found = new HashSet<>(samples.keySet());
    found.removeIf(series -> !series.startsWith(name + "{"));
    return found;
  }

  /** The names of all samples, each with the labels that it has somewhere. */
  Map<String, Set<String>> labels() {
    return labels;
  }

  /** The types, by the name of the family. */
  Map<String, String> types() {
    return types;
  }
}
