package tokenvending.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.observation.Metric;
import tokenvending.testing.RedisProcess;

/** The dashboard, the alerts and the page about them, held against what a server really tells. */
final class OperationsFilesTest {
  private static final Path DOCS = Path.of("..", "docs");

  /** What Prometheus adds when it scrapes. */
  private static final Set<String> OF_THE_SCRAPE = Set.of("instance", "job");

  /** Whose values are all there from the start, so that a wrong one is found. */
  private static final Set<String> CLOSED =
      Set.of(Metric.OUTCOME, Metric.REUSED, Metric.STATUS, Metric.RESULT, "area");

  private static final Pattern STRING = Pattern.compile("\"[^\"]*\"");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(\\{[^}]*})?(?!\\s*\\(|[a-zA-Z0-9_:])");
  private static final Pattern MATCHER =
      Pattern.compile("([a-zA-Z_]+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "bool");

  private static Scrape scrape;

  /** A server with all that can be told of: issuers, a shared state, a collection of garbage. */
  @BeforeAll
  static void scrape(@TempDir Path folder) throws IOException {
    try (RedisProcess store = RedisProcess.start(Files.createDirectory(folder.resolve("store")));
        Stage stage =
            Stage.start(
                Files.createDirectory(folder.resolve("stage")), MomentoLocalOptions.defaults())) {
      String policy =
          MetricsTest.POLICY
                  .replace("  - open: {}\n", stage.method())
                  .replace("${request.name}", "${subject}")
              + "state: "
              + store.address().reveal()
              + "\n";
      try (Vendor vendor = Vendor.start(folder, policy).ready()) {
        var _ = Scrape.of(vendor);
        long until = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        do {
          System.gc();
          scrape = Scrape.of(vendor);
          assertThat(System.nanoTime() - until).as("a collection is told of").isNegative();
        } while (scrape.series("jvm_gc_pause_seconds_sum").isEmpty());
      }
    }
  }

  /** One metric in an expression, and what it asks of its labels. */
  private record Selector(String metric, Map<String, List<String>> matchers) {}

  private static String text(String name) {
    try {
      return Files.readString(DOCS.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode dashboard() throws IOException {
    return new ObjectMapper().readTree(text("operations/dashboard.json"));
  }

  private static List<Map<?, ?>> alerts() {
    Object file =
        new Load(LoadSettings.builder().build()).loadFromString(text("operations/alerts.yaml"));
    List<Map<?, ?>> rules = new ArrayList<>();
    for (Object group : (List<?>) member(file, "groups")) {
      for (Object rule : (List<?>) member(group, "rules")) {
        rules.add((Map<?, ?>) rule);
      }
    }
    return rules;
  }

  private static Object member(Object map, String key) {
    Object value = ((Map<?, ?>) map).get(key);
    assertThat(value).as(key).isNotNull();
    return Objects.requireNonNull(value);
  }

  private static List<Selector> selectors(String expression) {
    String bare = GROUPING.matcher(expression).replaceAll(" ");
    List<Selector> selectors = new ArrayList<>();
    Matcher found = SELECTOR.matcher(bare);
    while (found.find()) {
      if (KEYWORDS.contains(found.group(1)) || isDuration(bare, found.start())) {
        continue;
      }
      Map<String, List<String>> matchers = new LinkedHashMap<>();
      if (found.group(2) != null) {
        Matcher matcher = MATCHER.matcher(found.group(2));
        while (matcher.find()) {
          matchers.put(matcher.group(1), List.of(matcher.group(3).split("\\|", -1)));
        }
      }
      selectors.add(new Selector(found.group(1), matchers));
    }
    return selectors;
  }

  /** The unit of a range such as {@code [5m]}, or a variable in its place. */
  private static boolean isDuration(String text, int at) {
    return at > 0 && (Character.isDigit(text.charAt(at - 1)) || text.charAt(at - 1) == '$');
  }

  private static Set<String> groupings(String expression) {
    Set<String> labels = new LinkedHashSet<>();
    Matcher found = GROUPING.matcher(STRING.matcher(expression).replaceAll("\"\""));
    while (found.find()) {
      for (String label : found.group(1).split(",", -1)) {
        labels.add(label.strip());
      }
    }
    return labels;
  }

  /** That all it names exists; gives the labels that its result may have. */
  private static Set<String> check(String expression) {
    List<Selector> selectors = selectors(expression);
    assertThat(selectors).as(expression).isNotEmpty();
    Set<String> labels = new HashSet<>(OF_THE_SCRAPE);
    for (Selector selector : selectors) {
      Set<String> told = scrape.labels().get(selector.metric());
      assertThat(told).as("no such metric: " + selector.metric()).isNotNull();
      labels.addAll(told);
      selector
          .matchers()
          .forEach(
              (label, values) -> {
                if (OF_THE_SCRAPE.contains(label)) {
                  return;
                }
                assertThat(told).as(expression).contains(label);
                if (CLOSED.contains(label)) {
                  for (String value : values) {
                    assertThat(scrape.series(selector.metric()))
                        .as(expression)
                        .anyMatch(series -> has(series, label, value));
                  }
                }
              });
    }
    assertThat(labels).as(expression).containsAll(groupings(expression));
    return labels;
  }

  private static boolean has(String series, String label, String value) {
    return series.matches(".*[{ ]" + label + "=" + Pattern.quote(value) + "[,}].*");
  }

  private static void checkUses(Pattern use, String text, Set<String> labels) {
    Matcher label = use.matcher(text);
    while (label.find()) {
      assertThat(labels).as(text).contains(label.group(1));
    }
  }

  @Test
  void expressions_are_taken_apart_rightly() {
    assertThat(selectors("sum by (le) (rate(a_b{c=\"d|e\",f!=\"g\"}[5m])) / max(h) > 0.1 and i"))
        .containsExactly(
            new Selector("a_b", Map.of("c", List.of("d", "e"), "f", List.of("g"))),
            new Selector("h", Map.of()),
            new Selector("i", Map.of()));
    assertThat(groupings("sum by (le, x) (a) / count without(y) (b)"))
        .containsExactly("le", "x", "y");
    assertThatThrownBy(() -> check("rate(tvm_vend_total[5m])"))
        .hasMessageContaining("no such metric: tvm_vend_total");
    assertThatThrownBy(() -> check("tvm_vends_total{outcome=\"vend\"}"))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> check("sum by (status) (tvm_vends_total)"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void every_alert_asks_for_what_is_told_and_is_explained() {
    List<Map<?, ?>> alerts = alerts();
    String page = text("operations.md");
    Set<String> names = new HashSet<>();
    assertThat(alerts).hasSizeGreaterThan(10);
    for (Map<?, ?> alert : alerts) {
      String name = member(alert, "alert").toString();
      assertThat(names.add(name)).as(name).isTrue();
      Set<String> labels = check(member(alert, "expr").toString());
      assertThat(member(member(alert, "labels"), "severity").toString())
          .isIn("critical", "warning");
      for (String part : List.of("summary", "description")) {
        String told = member(member(alert, "annotations"), part).toString();
        checkUses(Pattern.compile("\\$labels\\.([a-z]+)"), told, labels);
      }
      assertThat(page).contains("| `" + name + "` |");
    }
    Matcher explained = Pattern.compile("\\| `(Tvm[A-Za-z]+)` \\|").matcher(page);
    while (explained.find()) {
      assertThat(names).contains(explained.group(1));
    }
  }

  @Test
  void every_panel_asks_for_what_is_told() throws IOException {
    int expressions = 0;
    for (JsonNode panel : dashboard().get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        Set<String> labels = check(target.get("expr").asText());
        checkUses(Pattern.compile("\\{\\{([a-z]+)}}"), target.get("legendFormat").asText(), labels);
        expressions++;
      }
    }
    assertThat(expressions).isGreaterThan(20);
    for (JsonNode variable : dashboard().at("/templating/list")) {
      Matcher values =
          Pattern.compile("label_values\\((.*), ([a-z]+)\\)")
              .matcher(variable.path("definition").asText());
      if (values.matches()) {
        assertThat(check(values.group(1))).contains(values.group(2));
      }
    }
  }

  @Test
  void dashboard_can_be_imported_anywhere() throws IOException {
    JsonNode dashboard = dashboard();
    assertThat(dashboard.has("id")).as("Grafana gives it").isFalse();
    assertThat(dashboard.get("uid").asText()).isNotEmpty();
    assertThat(dashboard.get("schemaVersion").asInt()).isGreaterThanOrEqualTo(36);
    assertThat(dashboard.at("/templating/list/0/type").asText()).isEqualTo("datasource");
    assertThat(dashboard.at("/templating/list/0/query").asText()).isEqualTo("prometheus");
    String source = "${" + dashboard.at("/templating/list/0/name").asText() + "}";

    Set<Integer> ids = new HashSet<>();
    Set<List<Integer>> cells = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      String title = panel.get("title").asText();
      assertThat(title).isNotEmpty();
      assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
      JsonNode at = panel.get("gridPos");
      assertThat(at.get("x").asInt() + at.get("w").asInt()).as(title).isLessThanOrEqualTo(24);
      for (int x = 0; x < at.get("w").asInt(); x++) {
        for (int y = 0; y < at.get("h").asInt(); y++) {
          assertThat(cells.add(List.of(at.get("x").asInt() + x, at.get("y").asInt() + y)))
              .as(title + " lies upon another")
              .isTrue();
        }
      }
      if (panel.get("type").asText().equals("row")) {
        continue;
      }
      assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo(source);
      assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotEmpty();
      assertThat(panel.get("description").asText()).as(title).endsWith(".");
      Set<String> letters = new HashSet<>();
      for (JsonNode target : panel.get("targets")) {
        assertThat(target.at("/datasource/uid").asText()).as(title).isEqualTo(source);
        assertThat(letters.add(target.get("refId").asText())).as(title).isTrue();
      }
    }
  }

  @Test
  void page_tells_every_metric_that_there_is_and_no_other() {
    Set<String> told = new HashSet<>();
    for (String family : scrape.types().keySet()) {
      if (family.startsWith("tvm_")) {
        told.add(family.replaceFirst("_max$", ""));
      }
    }
    Set<String> named = new HashSet<>();
    for (Metric metric : Metric.values()) {
      named.add(metric.title());
    }
    assertThat(told).isEqualTo(named);

    Set<String> explained = new HashSet<>();
    Matcher row =
        Pattern.compile("\\| `(tvm_[a-z_]+)` \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|")
            .matcher(text("operations.md"));
    while (row.find()) {
      String name = row.group(1);
      explained.add(name);
      Set<String> labels = new HashSet<>();
      for (String suffix : List.of("", "_count")) {
        labels.addAll(scrape.labels().getOrDefault(name + suffix, Set.of()));
      }
      Set<String> written = new HashSet<>();
      Matcher label = Pattern.compile("`([a-z]+)`").matcher(row.group(4));
      while (label.find()) {
        written.add(label.group(1));
      }
      assertThat(written).as(name).isEqualTo(labels);
    }
    assertThat(explained).isEqualTo(named);
  }
}
