package tokenvending.configuration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The values that are allowed at a place of a file. The strict reader uses this description, and
 * {@code tvm.schema.json} is generated from it.
 */
final class Shape<T> {
  /**
   * Texts that YAML 1.1 or 1.2 readers interpret as null, a boolean, a number, a time or a merge
   * key.
   */
  private static final Pattern GUESSED =
      Pattern.compile(
          "|~|null|Null|NULL|=|<<"
              + "|y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE"
              + "|on|On|ON|off|Off|OFF"
              + "|[-+]?[0-9][0-9_,]*|[-+]?0[box][0-9A-Fa-f_]+"
              + "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"
              + "|[-+]?(\\.[0-9_]+|[0-9][0-9_]*\\.?[0-9_]*)([eE][-+]?[0-9]+)?"
              + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
              + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \\t].*)?");

  private static final Pattern NOTHING = Pattern.compile("|~|null|Null|NULL");
  private static final Pattern WHOLE_NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

  /** The longest list, because some checks take time proportional to the square of its length. */
  static final int LONGEST_LIST = 1000;

  /** Converts a node to a value, or reports an error. */
  @FunctionalInterface
  interface Reading<T> {
    Optional<T> read(YamlNode node, String path, Findings findings);
  }

  /** An element with its index in the list as written, because invalid elements are omitted. */
  record Numbered<T>(int index, T value) {}

  private final String expected;
  private final Map<String, Object> schema;
  private final Reading<T> reading;

  private Shape(String expected, Map<String, Object> schema, Reading<T> reading) {
    this.expected = expected;
    this.schema = schema;
    this.reading = reading;
  }

  /** Returns what to write, to follow the word "expected". */
  String expected() {
    return expected;
  }

  /** Returns the shape as a JSON Schema. */
  Map<String, Object> schema() {
    return schema;
  }

  /** Reads a node; empty if it is invalid, which the findings then report. */
  Optional<T> read(YamlNode node, String path, Findings findings) {
    return switch (node) {
      case YamlNode.Refused refused -> Optional.empty();
      case YamlNode.Scalar(String text, boolean plain, Position at)
          when plain && NOTHING.matcher(text).matches() -> {
        findings.error(at, path, "no value: expected " + expected);
        yield Optional.empty();
      }
      default -> reading.read(node, path, findings);
    };
  }

  /**
   * Returns a shape that yields a placeholder for an invalid value, so that the rest can be
   * checked.
   */
  Shape<T> orStandIn(T standIn) {
    return new Shape<>(
        expected,
        schema,
        (node, path, findings) -> Optional.of(read(node, path, findings).orElse(standIn)));
  }

  /** Returns the same shape with another description. */
  Shape<T> called(String words) {
    return new Shape<>(words, schema, reading);
  }

  /** Returns a shape whose value is converted. */
  <R> Shape<R> map(Function<T, R> function) {
    return new Shape<>(
        expected, schema, (node, path, findings) -> read(node, path, findings).map(function));
  }

  /**
   * A freely chosen text, such as a name. Texts that YAML readers interpret otherwise are rejected.
   */
  static <T> Shape<T> name(String expected, TextReading<T> reading) {
    return bareOrQuoted(expected, (text, plain, problem) -> reading.read(text, problem));
  }

  /** Converts a text whose meaning differs with and without quotes. */
  @FunctionalInterface
  interface BareOrQuoted<T> {
    Optional<T> read(String text, boolean bare, Consumer<String> problem);
  }

  static <T> Shape<T> bareOrQuoted(String expected, BareOrQuoted<T> reading) {
    return text(expected, Map.of("type", "string"), true, reading);
  }

  /** A text with a format that cannot be misinterpreted. */
  static <T> Shape<T> word(String expected, Map<String, Object> schema, TextReading<T> reading) {
    return text(expected, schema, false, (text, plain, problem) -> reading.read(text, problem));
  }

  private static <T> Shape<T> text(
      String expected, Map<String, Object> schema, boolean refuseGuessed, BareOrQuoted<T> reading) {
    return new Shape<>(
        expected,
        schema,
        (node, path, findings) -> {
          if (!(node instanceof YamlNode.Scalar(String text, boolean plain, Position at))) {
            return wrongKind(node, path, findings, expected);
          }
          if (refuseGuessed && plain && isGuessed(text)) {
            findings.error(at, path, quoteIt(text));
            return Optional.empty();
          }
          return reading.read(text, plain, problem -> findings.error(at, path, problem));
        });
  }

  private static boolean isGuessed(String text) {
    return text.length() <= 1000 && GUESSED.matcher(text).matches();
  }

  private static String quoteIt(String text) {
    String shown = text.length() <= 40 ? text : text.substring(0, 40) + "…";
    return "YAML does not read %s as a text: quote it, \"%s\"".formatted(shown, shown);
  }

  /** One of several words. */
  static <T> Shape<T> choice(List<T> values, Function<T, String> word) {
    List<String> names = values.stream().map(word).toList();
    String expected = listed(names);
    return word(
        expected,
        Map.of("enum", names),
        (text, problem) -> {
          Optional<T> value =
              values.stream().filter(one -> word.apply(one).equals(text)).findFirst();
          if (value.isEmpty()) {
            problem.accept("expected " + expected + didYouMean(text, names));
          }
          return value;
        });
  }

  static Shape<Integer> number(int least, int most) {
    String expected = "a whole number from %d to %d".formatted(least, most);
    return new Shape<>(
        expected,
        ordered("type", "integer", "minimum", least, "maximum", most),
        (node, path, findings) -> {
          if (node instanceof YamlNode.Scalar(String text, boolean plain, Position at)
              && plain
              && WHOLE_NUMBER.matcher(text).matches()) {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
              return Optional.of(value);
            }
          }
          return wrongKind(node, path, findings, expected + ", without quotes");
        });
  }

  static Shape<Boolean> truth() {
    return new Shape<>(
        "true or false",
        Map.of("type", "boolean"),
        (node, path, findings) -> {
          if (node instanceof YamlNode.Scalar(String text, boolean plain, Position at)
              && plain
              && (text.equals("true") || text.equals("false"))) {
            return Optional.of(text.equals("true"));
          }
          return wrongKind(node, path, findings, "true or false, without quotes");
        });
  }

  static <T> Shape<List<Numbered<T>>> numberedList(Shape<T> element, int least, int most) {
    String expected = "a list, each element " + element.expected;
    return new Shape<>(
        expected,
        ordered("type", "array", "minItems", least, "maxItems", most, "items", element.schema),
        (node, path, findings) -> {
          if (!(node instanceof YamlNode.Sequence(List<YamlNode> items, Position at))) {
            return wrongKind(node, path, findings, expected);
          }
          if (items.size() < least) {
            findings.error(at, path, "an empty list: expected at least one, " + element.expected);
            return Optional.empty();
          }
          if (items.size() > most) {
            findings.error(
                at, path, "%d elements: expected at most %d".formatted(items.size(), most));
            return Optional.empty();
          }
          List<Numbered<T>> read = new ArrayList<>(items.size());
          for (int i = 0; i < items.size(); i++) {
            int index = i;
            element
                .read(items.get(i), path + "[" + i + "]", findings)
                .ifPresent(value -> read.add(new Numbered<>(index, value)));
          }
          return Optional.of(read);
        });
  }

  static <T> Shape<List<T>> list(Shape<T> element, int least) {
    return numberedList(element, least, LONGEST_LIST)
        .map(elements -> elements.stream().map(Numbered::value).toList());
  }

  /** A value, or a list of at least one value. */
  static <T> Shape<List<T>> oneOrMore(Shape<T> element) {
    Shape<List<T>> list = list(element, 1);
    return new Shape<>(
        element.expected + ", or a list of these",
        Map.of("anyOf", List.of(element.schema, list.schema)),
        (node, path, findings) ->
            node instanceof YamlNode.Sequence
                ? list.read(node, path, findings)
                : element.read(node, path, findings).map(List::of));
  }

  /** Different shapes for a text and for a section. */
  static <T> Shape<T> textOrSection(Shape<? extends T> text, Shape<? extends T> section) {
    String expected = text.expected + ", or " + section.expected;
    return new Shape<>(
        expected,
        Map.of("anyOf", List.of(text.schema, section.schema)),
        (node, path, findings) ->
            switch (node) {
              case YamlNode.Scalar scalar -> text.read(node, path, findings).map(value -> value);
              case YamlNode.Mapping mapping ->
                  section.read(node, path, findings).map(value -> value);
              default -> wrongKind(node, path, findings, expected);
            });
  }

  /** A section with freely chosen keys, whose values have one shape. */
  static <T> Shape<Map<String, T>> named(
      String what, int least, TextReading<String> name, Shape<T> value) {
    String expected = "a section: " + what + ": " + value.expected;
    return new Shape<>(
        expected,
        ordered("type", "object", "minProperties", least, "additionalProperties", value.schema),
        (node, path, findings) -> {
          if (!(node instanceof YamlNode.Mapping(List<YamlNode.Entry> entries, Position at))) {
            return wrongKind(node, path, findings, expected);
          }
          if (entries.size() < least) {
            findings.error(
                at,
                path,
                "an empty section: expected at least one key, such as "
                    + what
                    + ": "
                    + value.expected);
            return Optional.empty();
          }
          Map<String, T> read = new LinkedHashMap<>();
          for (YamlNode.Entry entry : entries) {
            String place = inside(path, entry.key());
            if (entry.plain() && isGuessed(entry.key())) {
              findings.error(entry.at(), place, quoteIt(entry.key()));
              continue;
            }
            Optional<String> key =
                name.read(entry.key(), problem -> findings.error(entry.at(), place, problem));
            Optional<T> content = value.read(entry.value(), place, findings);
            if (key.isPresent() && content.isPresent()) {
              read.put(key.get(), content.get());
            }
          }
          return Optional.of(read);
        });
  }

  /** A section with known keys; created only if all required keys are valid. */
  static <T> Shape<T> section(List<Key<?>> keys, Function<Fields, T> making) {
    return tolerantSection(
        keys,
        fields ->
            keys.stream().allMatch(key -> !key.required() || fields.of(key).isPresent())
                ? Optional.of(making.apply(fields))
                : Optional.empty());
  }

  /** A section with known keys, of which at least one alternative is required. */
  static <T> Shape<T> atLeastOneOf(
      List<Key<?>> alternatives, List<Key<?>> keys, Function<Fields, T> making) {
    List<String> names = alternatives.stream().map(Key::name).toList();
    Shape<T> section =
        tolerantSection(
            keys,
            fields -> {
              if (alternatives.stream().noneMatch(fields::isWritten)) {
                Key<?> first = alternatives.getFirst();
                fields.error(
                    first,
                    "missing: expected %s; or write %s"
                        .formatted(
                            first.shape().expected(), listed(names.subList(1, names.size()))));
              }
              boolean isComplete =
                  keys.stream().allMatch(key -> !key.required() || fields.of(key).isPresent())
                      && alternatives.stream().anyMatch(key -> fields.of(key).isPresent());
              return isComplete ? Optional.of(making.apply(fields)) : Optional.empty();
            });
    Map<String, Object> schema = new LinkedHashMap<>(section.schema);
    schema.put("anyOf", names.stream().map(name -> Map.of("required", List.of(name))).toList());
    return new Shape<>(section.expected, schema, section.reading);
  }

  /** A section with known keys, created even if a required key is missing. */
  static <T> Shape<T> tolerantSection(List<Key<?>> keys, Function<Fields, Optional<T>> making) {
    List<String> names = keys.stream().map(Key::name).toList();
    String expected = names.isEmpty() ? "{}" : "a section with " + listed(names);
    return new Shape<>(
        expected,
        sectionSchema(keys),
        (node, path, findings) -> {
          if (!(node instanceof YamlNode.Mapping(List<YamlNode.Entry> entries, Position at))) {
            return wrongKind(node, path, findings, expected);
          }
          Fields fields = new Fields(entries.isEmpty(), at, path, findings);
          readKnown(entries, path, keys, fields, findings);
          keys.forEach(fields::expect);
          return making.apply(fields);
        });
  }

  private static void readKnown(
      List<YamlNode.Entry> entries,
      String path,
      List<Key<?>> keys,
      Fields fields,
      Findings findings) {
    List<String> names = keys.stream().map(Key::name).toList();
    for (YamlNode.Entry entry : entries) {
      Optional<Key<?>> known =
          keys.stream().filter(key -> key.name().equals(entry.key())).findFirst();
      if (known.isPresent()) {
        fields.read(known.get(), entry.value());
      } else {
        findings.error(
            entry.at(),
            inside(path, entry.key()),
            "unknown key"
                + didYouMean(entry.key(), names)
                + ": expected "
                + (names.isEmpty() ? "{}" : listed(names)));
      }
    }
  }

  private static Map<String, Object> sectionSchema(List<Key<?>> keys) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (Key<?> key : keys) {
      Map<String, Object> property = new LinkedHashMap<>();
      property.put("description", key.doc());
      property.putAll(key.shape().schema);
      properties.put(key.name(), property);
    }
    Map<String, Object> schema =
        ordered("type", "object", "additionalProperties", false, "properties", properties);
    List<String> required = keys.stream().filter(Key::required).map(Key::name).toList();
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    return schema;
  }

  /** A section with exactly one key, which determines its type. */
  static <T> Shape<T> oneKey(List<Key<? extends T>> keys) {
    List<Key<?>> all = List.copyOf(keys);
    List<String> names = all.stream().map(Key::name).toList();
    String expected = "a section with one of " + listed(names);
    Map<String, Object> schema = sectionSchema(all);
    schema.put("minProperties", 1);
    schema.put("maxProperties", 1);
    return new Shape<>(
        expected,
        schema,
        (node, path, findings) -> {
          if (!(node instanceof YamlNode.Mapping(List<YamlNode.Entry> entries, Position at))) {
            return wrongKind(node, path, findings, expected);
          }
          if (entries.size() != 1) {
            findings.error(at, path, "%d keys: expected %s".formatted(entries.size(), expected));
          }
          Fields fields = new Fields(entries.isEmpty(), at, path, findings);
          readKnown(entries, path, all, fields, findings);
          all.forEach(fields::expect);
          for (Key<? extends T> key : keys) {
            if (fields.isWritten(key)) {
              return fields.of(key).map(value -> value);
            }
          }
          return Optional.empty();
        });
  }

  private static <T> Optional<T> wrongKind(
      YamlNode node, String path, Findings findings, String expected) {
    String found =
        switch (node) {
          case YamlNode.Scalar scalar -> "";
          case YamlNode.Sequence sequence -> "a list: ";
          case YamlNode.Mapping mapping -> "a section: ";
          case YamlNode.Refused refused -> "";
        };
    findings.error(node.at(), path, found + "expected " + expected);
    return Optional.empty();
  }

  private static String didYouMean(String written, List<String> words) {
    return Nearest.of(written, words).map(word -> ", did you mean " + word + "?").orElse("");
  }

  static String listed(List<String> words) {
    return words.size() < 2
        ? String.join("", words)
        : String.join(", ", words.subList(0, words.size() - 1)) + " or " + words.getLast();
  }

  static String inside(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Returns words with their descriptions, in this order. */
  static Map<String, String> words(String... pairs) {
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  /** Returns a map that keeps the order of its pairs, so that the schema file is stable. */
  static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
