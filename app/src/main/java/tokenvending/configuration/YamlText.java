package tokenvending.configuration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Parses text into nodes. Rejects YAML features that hide a file's meaning: anchors, aliases, tags,
 * merge keys, duplicate keys, a second document.
 */
final class YamlText {
  /** Deeper than any valid file; stops nesting attacks. */
  private static final int DEEPEST = 24;

  private static final int LONGEST_EXPLAINED_LINE = 1000;

  private static final Pattern TEMPLATE_IN_BRACKETS =
      Pattern.compile("^[^#]*[\\[{,][^\"'#]*\\$\\{.*");

  private final String[] lines;
  private final Findings findings;
  private final Iterator<Event> events;
  private boolean tooDeep;

  private YamlText(String text, Findings findings) {
    this.lines = text.split("\r\n|[\r\n]", -1);
    this.findings = findings;
    boolean endsWithBreak = lines[lines.length - 1].isEmpty();
    findings.endsAt(new Position(lines.length + (endsWithBreak ? 0 : 1), 1));
    LoadSettings settings = LoadSettings.builder().setLabel(findings.file()).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /** Parses a text; empty if nothing can be read, which the findings then report. */
  static Optional<YamlNode> parse(String text, Findings findings) {
    String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
    Optional<Position> unprintable = unprintable(withoutMark);
    if (unprintable.isPresent()) {
      findings.error(
          unprintable.get(), "", "contains an unprintable character: is this the right file?");
      return Optional.empty();
    }
    return new YamlText(withoutMark, findings).document();
  }

  private static Optional<Position> unprintable(String text) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      if (!StreamReader.isPrintable(codePoint)) {
        return Optional.of(new Position(line, column));
      }
      line += codePoint == '\n' ? 1 : 0;
      column = codePoint == '\n' ? 1 : column + 1;
      i += Character.charCount(codePoint);
    }
    return Optional.empty();
  }

  private Optional<YamlNode> document() {
    try {
      Optional<YamlNode> root = Optional.empty();
      while (events.hasNext() && !tooDeep) {
        Event event = events.next();
        if (event instanceof DocumentStartEvent start) {
          if (root.isPresent()) {
            findings.error(at(start), "", "a second document begins here: remove the ---");
            return root;
          }
          root = Optional.of(node(events.next(), "", 0, Optional.empty()));
        } else if (!(event instanceof StreamStartEvent || event instanceof DocumentEndEvent)) {
          break;
        }
      }
      if (root.isEmpty()) {
        findings.error(Position.WHOLE, "", "is empty");
      }
      return tooDeep ? Optional.empty() : root;
    } catch (MarkedYamlEngineException e) {
      syntax(e);
      return Optional.empty();
    } catch (YamlEngineException e) {
      findings.error(Position.WHOLE, "", "is not YAML: " + oneLine(String.valueOf(e.getMessage())));
      return Optional.empty();
    }
  }

  /**
   * Returns the node that begins with the event.
   *
   * @param key the position of the key whose value this is
   */
  private YamlNode node(Event event, String path, int depth, Optional<Position> key) {
    Position at = key.orElse(at(event));
    if (depth > DEEPEST) {
      tooDeep = true;
      findings.error(at(event), "", "nested more than " + DEEPEST + " deep");
      return new YamlNode.Refused(at);
    }
    if (event instanceof NodeEvent node && !(event instanceof AliasEvent)) {
      refuseAnchor(node.getAnchor(), at(event), path);
    }
    return switch (event) {
      case AliasEvent alias -> {
        findings.error(at(alias), path, "aliases (*name) are not allowed: write the value");
        yield new YamlNode.Refused(at);
      }
      case ScalarEvent scalar -> {
        refuseTag(scalar.getTag(), at(scalar), path);
        yield new YamlNode.Scalar(scalar.getValue(), scalar.isPlain(), at);
      }
      case SequenceStartEvent start -> {
        refuseTag(start.getTag(), at(start), path);
        yield sequence(path, depth, at);
      }
      case MappingStartEvent start -> {
        refuseTag(start.getTag(), at(start), path);
        yield mapping(path, depth, at);
      }
      default -> throw new IllegalStateException("not the start of a node");
    };
  }

  private YamlNode sequence(String path, int depth, Position at) {
    List<YamlNode> items = new ArrayList<>();
    while (!tooDeep) {
      Event event = events.next();
      if (event instanceof SequenceEndEvent) {
        break;
      }
      items.add(node(event, path + "[" + items.size() + "]", depth + 1, Optional.empty()));
    }
    return new YamlNode.Sequence(items, at);
  }

  private YamlNode mapping(String path, int depth, Position at) {
    List<YamlNode.Entry> entries = new ArrayList<>();
    Map<String, Position> seen = new HashMap<>();
    while (!tooDeep) {
      Event event = events.next();
      if (event instanceof MappingEndEvent) {
        break;
      }
      Position keyAt = at(event);
      YamlNode key = node(event, path, depth + 1, Optional.empty());
      if (tooDeep) {
        break;
      }
      String name = key instanceof YamlNode.Scalar(String text, var plain, var where) ? text : "";
      String inside = path.isEmpty() ? name : path + "." + name;
      YamlNode value = node(events.next(), inside, depth + 1, Optional.of(keyAt));
      if (!(key instanceof YamlNode.Scalar scalar)) {
        if (!(key instanceof YamlNode.Refused)) {
          findings.error(keyAt, path, "expected a name before the colon");
        }
      } else if (scalar.plain() && name.equals("<<")) {
        findings.error(keyAt, path, "merge keys (<<) are not allowed: write the values");
      } else if (seen.containsKey(name)) {
        findings.error(
            keyAt, inside, "written twice, first on line %d".formatted(seen.get(name).line()));
      } else {
        seen.put(name, keyAt);
        entries.add(new YamlNode.Entry(name, scalar.plain(), value));
      }
    }
    return new YamlNode.Mapping(entries, at);
  }

  private void refuseAnchor(Optional<Anchor> anchor, Position at, String path) {
    if (anchor.isPresent()) {
      findings.error(at, path, "anchors (&name) are not allowed: write the value each time");
    }
  }

  private void refuseTag(Optional<String> tag, Position at, String path) {
    if (tag.isPresent()) {
      findings.error(at, path, "tags (!name) are not allowed: remove it");
    }
  }

  private void syntax(MarkedYamlEngineException e) {
    Position at = e.getProblemMark().map(YamlText::at).orElse(Position.WHOLE);
    Position context = e.getContextMark().map(YamlText::at).orElse(at);
    String line = line(at);
    int column = Math.clamp(at.column() - 1, 0, line.length());
    String before = line.substring(0, column);
    String found = line.substring(column);
    if (TEMPLATE_IN_BRACKETS.matcher(line).matches()
        || TEMPLATE_IN_BRACKETS.matcher(line(context)).matches()) {
      Position shown = TEMPLATE_IN_BRACKETS.matcher(line).matches() ? at : context;
      findings.error(
          shown,
          "",
          "not YAML: quote texts with ${…} inside { } and [ ], such as { topic:"
              + " \"room-${request.room}\" }");
    } else if (found.startsWith("\t")) {
      findings.error(at, "", "not YAML: a tab: indent with spaces");
    } else if (found.startsWith("*") || before.endsWith("*")) {
      findings.error(at, "", "not YAML: a bare *: write `all` for everything, or quote it");
    } else if (found.startsWith("@") || found.startsWith("`") || found.startsWith("%")) {
      findings.error(at, "", "not YAML: quote a text that begins with " + found.charAt(0));
    } else if (found.startsWith(":")) {
      findings.error(
          at, "", "not YAML: an unexpected colon: quote the text, or correct the indentation");
    } else {
      findings.error(at, "", "not YAML: " + oneLine(e.getProblem()));
    }
  }

  private String line(Position at) {
    String line = at.line() >= 1 && at.line() <= lines.length ? lines[at.line() - 1] : "";
    // A longer line would be slow: the expression takes time proportional to the square of its
    // length.
    return line.length() <= LONGEST_EXPLAINED_LINE ? line : "";
  }

  private static Position at(Event event) {
    return event.getStartMark().map(YamlText::at).orElse(Position.WHOLE);
  }

  private static Position at(Mark mark) {
    return new Position(mark.getLine() + 1, mark.getColumn() + 1);
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
