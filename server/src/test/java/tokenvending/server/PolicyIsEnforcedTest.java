package tokenvending.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URLEncoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tokenvending.api.ApiResponse;
import tokenvending.application.Application;
import tokenvending.configuration.ConfigurationResult;
import tokenvending.momentolocal.MomentoLocalOptions;
import tokenvending.momentolocal.wire.PubsubGrpc;
import tokenvending.momentolocal.wire.ScsGrpc;
import tokenvending.momentolocal.wire._GetRequest;
import tokenvending.momentolocal.wire._PublishRequest;
import tokenvending.momentolocal.wire._SetRequest;
import tokenvending.momentolocal.wire._SubscriptionRequest;
import tokenvending.momentolocal.wire._TopicValue;
import tokenvending.testing.NaiveEvaluator.Statement;
import tokenvending.testing.SentRequest;
import tokenvending.text.Json;

/**
 * From a file to what a token can do: random policies through the whole machine, the bytes that it
 * sends to mint read back, and the token tried at what it must and must not do. The judge is a few
 * lines in this class that share nothing with the machine.
 */
@Tag("I1")
@Tag("T1")
@Tag("T18")
final class PolicyIsEnforcedTest {
  private static final int POLICIES = 150;
  private static final int CALLERS = 3;
  private static final List<String> CACHES = List.of("a", "ab", "all");
  private static final List<String> NAMES =
      List.of("x", "x/", "x/y", "xy", "ann", "ann/", "ann/1", "a/b/1", "all", "*", "${subject}");
  private static final List<String> SUBJECTS =
      List.of("ann", "x", "*", "all", "a/b", "${subject}", "ann/1", "bo b");
  private static final List<String> GROUPS = List.of("g1", "g2", "g3");
  private static final List<String> ITEM_ROLES = List.of("ReadWrite", "ReadOnly", "WriteOnly");
  private static final List<String> TOPIC_ROLES =
      List.of("PublishSubscribe", "SubscribeOnly", "PublishOnly");
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> CACHE =
      Metadata.Key.of("cache", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path folder;

  /** One statement; {@code how} is all, exact or prefix; the name may hold {@code ${subject}}. */
  private record Line(boolean topic, int role, String cache, String how, String name) {
    static Line random(Random random) {
      boolean topic = random.nextBoolean();
      String how = pick(random, List.of("all", "exact", "exact", "prefix"));
      String name =
          switch (how) {
            case "all" -> "";
            case "exact" -> pick(random, List.of("x", "x/y", "${subject}", "p-${subject}", "all"));
            default -> pick(random, List.of("x", "x/", "${subject}/", "ann/"));
          };
      return new Line(
          topic, random.nextInt(3), pick(random, List.of("a", "ab", "all", "<all>")), how, name);
    }

    String yaml() {
      String role = (topic ? TOPIC_ROLES : ITEM_ROLES).get(role());
      String where = cache.equals("<all>") ? "all" : "{ name: " + cache + " }";
      String key = topic ? "topic" : "item";
      String what =
          switch (how) {
            case "all" -> "all";
            case "exact" -> (topic ? "{ name: \"" : "{ key: \"") + name + "\" }";
            default -> (topic ? "{ prefix: \"" : "{ key-prefix: \"") + name + "\" }";
          };
      return "      - { role: %s, cache: %s, %s: %s }\n".formatted(role, where, key, what);
    }

    Line of(String subject) {
      return new Line(topic, role, cache, how, name.replace("${subject}", subject));
    }

    Statement sent() {
      Set<String> rights =
          topic
              ? List.of(Set.of("publish", "subscribe"), Set.of("subscribe"), Set.of("publish"))
                  .get(role)
              : List.of(Set.of("read", "write"), Set.of("read"), Set.of("write")).get(role);
      boolean all = cache.equals("<all>");
      return new Statement(topic ? "topic" : "item", rights, all, all ? "" : cache, how, name);
    }

    boolean allows(Call call) {
      boolean may = role == 0 || (call.reads ? role == 1 : role == 2);
      boolean named =
          switch (how) {
            case "all" -> true;
            case "exact" -> name.equals(call.name);
            default -> call.name.startsWith(name);
          };
      return topic == call.topic
          && may
          && named
          && (cache.equals("<all>") || cache.equals(call.cache));
    }
  }

  /** Something to try a token at; to subscribe is to read. */
  private record Call(boolean topic, boolean reads, String cache, String name) {}

  private record Case(Set<String> groups, List<Line> lines) {}

  private static <T> T pick(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static List<Case> rules(Random random) {
    List<Case> rules = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      List<Line> lines = new ArrayList<>();
      for (int j = 0; j <= random.nextInt(3); j++) {
        lines.add(Line.random(random));
      }
      rules.add(new Case(Set.of(pick(random, GROUPS)), lines));
    }
    return rules;
  }

  private static String yaml(String method, List<Case> rules) {
    StringBuilder yaml =
        new StringBuilder("momento: { budget: 1000/s }\nauthentication:\n" + method + "rules:\n");
    for (int i = 0; i < rules.size(); i++) {
      yaml.append("  - id: r").append(i).append("\n    when: { groups: ");
      yaml.append(rules.get(i).groups).append(" }\n    permissions:\n");
      rules.get(i).lines.forEach(line -> yaml.append(line.yaml()));
    }
    return yaml.toString();
  }

  /** What the caller must get, by the words of the documentation; nothing: a refusal. */
  private static Optional<List<Line>> judge(List<Case> rules, String subject, Set<String> groups) {
    for (Case rule : rules) {
      if (rule.groups.stream().anyMatch(groups::contains)) {
        boolean delimiter =
            rule.lines.stream().anyMatch(line -> line.name.equals("${subject}/"))
                && subject.contains("/");
        return delimiter
            ? Optional.empty()
            : Optional.of(rule.lines.stream().map(line -> line.of(subject)).toList());
      }
    }
    return Optional.empty();
  }

  @Test
  void token_does_what_the_file_grants_and_nothing_else() {
    long seed = Long.getLong("tokenvending.seed", 20_261_124L);
    Random random = new Random(seed);
    int tokens = 0;
    int refusals = 0;
    int allowed = 0;
    int forbidden = 0;
    try (Stage stage =
        Stage.start(
            folder, MomentoLocalOptions.defaults().withAuthOperationsPerSecond(1_000_000))) {
      CACHES.forEach(stage.momento::createCache);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", stage.momentoPort()).usePlaintext().build();
      for (int made = 0; made < POLICIES; ) {
        List<Case> rules = rules(random);
        String yaml = yaml(stage.method(), rules);
        // Two selectors that could meet are refused; such a file is not what is tried here.
        if (!(stage.read(yaml) instanceof ConfigurationResult.Read read)) {
          continue;
        }
        made++;
        Application application = stage.under(read.configuration());
        for (int i = 0; i < CALLERS; i++) {
          String subject = pick(random, SUBJECTS);
          Set<String> groups = Set.of(pick(random, GROUPS), "g4");
          String because = "seed " + seed + ", " + subject + " of " + groups + " under\n" + yaml;
          Optional<List<Line>> must = judge(rules, subject, groups);
          Optional<Line> narrower =
              random.nextInt(3) == 0
                  ? Optional.of(Line.random(random).of(subject))
                  : Optional.empty();
          if (must.isPresent() && narrower.isPresent()) {
            must = covers(must.get(), narrower.get()) ? narrower.map(List::of) : Optional.empty();
          }
          int before = stage.minted.size();
          ApiResponse answer =
              Stage.get(
                  application,
                  narrower.map(line -> "permission=" + encoded(text(line))).orElse(""),
                  Stage.bearer(stage.jwt(subject, ",\"groups\":" + json(groups))));

          if (must.isEmpty()) {
            assertThat(answer.status()).as(because + narrower).isEqualTo(403);
            assertThat(stage.minted).as("nothing was minted").hasSize(before);
            refusals++;
            continue;
          }
          assertThat(answer.status()).as(because + narrower).isEqualTo(200);
          tokens++;
          assertThat(stage.minted).hasSize(before + 1);
          SentRequest sent = SentRequest.ofFrame(stage.minted.getLast());
          assertThat(sent.statements())
              .as(because)
              .containsExactlyInAnyOrderElementsOf(
                  must.get().stream().map(Line::sent).collect(Collectors.toSet()));
          assertThat(sent.tokenId()).contains(subject);
          assertThat(sent.seconds()).isEqualTo(3600);
          String key = key(answer);
          for (Call call : calls(random)) {
            boolean may = must.get().stream().anyMatch(line -> line.allows(call));
            assertThat(works(channel, key, call)).as(because + "\nat " + call).isEqualTo(may);
            allowed += may ? 1 : 0;
            forbidden += may ? 0 : 1;
          }
        }
      }
      channel.shutdownNow();
    }
    assertThat(tokens).isGreaterThan(100);
    assertThat(refusals).isGreaterThan(100);
    assertThat(allowed).isGreaterThan(200);
    assertThat(forbidden).isGreaterThan(1_000);
  }

  /** One granted line must give all that is asked: all its rights at every name it selects. */
  private static boolean covers(List<Line> granted, Line asked) {
    return granted.stream()
        .anyMatch(
            line -> {
              boolean names =
                  switch (line.how) {
                    case "all" -> true;
                    case "exact" -> asked.how.equals("exact") && asked.name.equals(line.name);
                    default -> !asked.how.equals("all") && asked.name.startsWith(line.name);
                  };
              return line.topic == asked.topic
                  && (line.role == 0 || line.role == asked.role)
                  && (line.cache.equals("<all>") || line.cache.equals(asked.cache))
                  && names;
            });
  }

  private static String text(Line line) {
    String kind = line.topic ? "topic" : line.how.equals("all") ? "item" : "key";
    String what =
        switch (line.how) {
          case "all" -> " " + kind + "=all";
          case "exact" -> " " + kind + "=\"" + line.name + "\"";
          default -> " " + kind + "-prefix=\"" + line.name + "\"";
        };
    String cache = line.cache.equals("<all>") ? "all" : "\"" + line.cache + "\"";
    return (line.topic ? TOPIC_ROLES : ITEM_ROLES).get(line.role) + " cache=" + cache + what;
  }

  private static List<Call> calls(Random random) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      calls.add(
          new Call(
              random.nextBoolean(),
              random.nextBoolean(),
              pick(random, CACHES),
              pick(random, NAMES)));
    }
    return calls;
  }

  private static boolean works(ManagedChannel channel, String key, Call call) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, key);
    if (!call.topic) {
      headers.put(CACHE, call.cache);
    }
    ClientInterceptor with = MetadataUtils.newAttachHeadersInterceptor(headers);
    try {
      if (call.topic) {
        PubsubGrpc.PubsubBlockingStub topics =
            PubsubGrpc.newBlockingStub(channel)
                .withInterceptors(with)
                .withDeadlineAfter(10, TimeUnit.SECONDS);
        if (call.reads) {
          // The first heartbeat says that the subscription stands.
          return topics
              .subscribe(
                  _SubscriptionRequest.newBuilder()
                      .setCacheName(call.cache)
                      .setTopic(call.name)
                      .build())
              .hasNext();
        }
        var _ =
            topics.publish(
                _PublishRequest.newBuilder()
                    .setCacheName(call.cache)
                    .setTopic(call.name)
                    .setValue(_TopicValue.newBuilder().setText("hello"))
                    .build());
        return true;
      }
      ScsGrpc.ScsBlockingStub items =
          ScsGrpc.newBlockingStub(channel)
              .withInterceptors(with)
              .withDeadlineAfter(10, TimeUnit.SECONDS);
      ByteString name = ByteString.copyFromUtf8(call.name);
      if (call.reads) {
        var _ = items.get(_GetRequest.newBuilder().setCacheKey(name).build());
      } else {
        var _ =
            items.set(
                _SetRequest.newBuilder()
                    .setCacheKey(name)
                    .setCacheBody(name)
                    .setTtlMilliseconds(60_000)
                    .build());
      }
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      return false;
    }
  }

  private static String key(ApiResponse answer) {
    String token =
        Json.object(Stage.text(answer)).flatMap(json -> json.text("authToken")).orElseThrow();
    Map<String, String> inside =
        Json.object(new String(Base64.getDecoder().decode(token), UTF_8))
            .map(Json.Members::scalars)
            .orElseThrow();
    return Optional.ofNullable(inside.get("api_key")).orElseThrow();
  }

  private static String json(Set<String> groups) {
    return groups.stream().map(Stage::quoted).toList().toString();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
