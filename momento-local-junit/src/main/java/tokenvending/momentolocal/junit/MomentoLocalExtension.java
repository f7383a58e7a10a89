package tokenvending.momentolocal.junit;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import tokenvending.momentolocal.LocalCredentials;
import tokenvending.momentolocal.MomentoLocalOptions;

/**
 * Runs a {@link TestMomento} before the first test of a class and until after its last, those of
 * nested classes included. {@link MomentoLocalTest} is shorter; this is for more options.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final MomentoLocalExtension MOMENTO = MomentoLocalExtension.withCaches("chat");
 * }</pre>
 */
public final class MomentoLocalExtension
    implements BeforeAllCallback, AfterAllCallback, ParameterResolver {

  /** What to start; empty if the annotation of the class says it. */
  private final Optional<Plan> given;

  private Optional<TestMomento> running = Optional.empty();
  private int classes;

  private record Plan(MomentoLocalOptions options, List<String> caches) {}

  private MomentoLocalExtension(Optional<Plan> given) {
    this.given = given;
  }

  /** Called by JUnit for {@link MomentoLocalTest}. */
  MomentoLocalExtension() {
    this(Optional.empty());
  }

  /** One with {@link MomentoLocalOptions#defaults()}, in which these caches exist. */
  public static MomentoLocalExtension withCaches(String... caches) {
    return with(MomentoLocalOptions.defaults(), caches);
  }

  /** One with these options, in which these caches exist. */
  public static MomentoLocalExtension with(MomentoLocalOptions options, String... caches) {
    return new MomentoLocalExtension(Optional.of(new Plan(options, List.of(caches))));
  }

  @Override
  public synchronized void beforeAll(ExtensionContext context) {
    classes++;
    if (running.isEmpty()) {
      Plan plan = given.orElseGet(() -> plan(context.getRequiredTestClass()));
      running = Optional.of(TestMomento.start(plan.options(), plan.caches()));
    }
  }

  @Override
  public synchronized void afterAll(ExtensionContext context) {
    classes--;
    if (classes == 0) {
      running.ifPresent(TestMomento::stop);
      running = Optional.empty();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestMomento.class;
  }

  @Override
  public TestMomento resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return momento();
  }

  /** The momento-local, during the tests of the class. */
  public synchronized TestMomento momento() {
    return running.orElseThrow(
        () -> new IllegalStateException("momento-local runs only during the tests of the class"));
  }

  /** The port at 127.0.0.1 for gRPC and gRPC-Web, without TLS. */
  public int port() {
    return momento().port();
  }

  /** The keys that it accepts. */
  public LocalCredentials credentials() {
    return momento().credentials();
  }

  private static Plan plan(Class<?> test) {
    MomentoLocalTest wanted =
        AnnotationSupport.findAnnotation(test, MomentoLocalTest.class)
            .orElseThrow(() -> new IllegalStateException("use @MomentoLocalTest"));
    return new Plan(
        MomentoLocalOptions.defaults().withKeyless(wanted.keyless()), List.of(wanted.caches()));
  }
}
