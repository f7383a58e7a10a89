package tokenvending.momentolocal.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a momento-local during the tests of a class. A {@link TestMomento} parameter of a test, a
 * lifecycle method or a constructor is that momento-local.
 *
 * <pre>{@code
 * @MomentoLocalTest(caches = "chat")
 * class ChatTest {
 *   @Test
 *   void a_guest_cannot_publish(TestMomento momento) {
 *     String token = momento.vend(TokenPermission.topics(READ_ONLY, "chat"));
 *     …
 *   }
 * }
 * }</pre>
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MomentoLocalExtension.class)
public @interface MomentoLocalTest {

  /** The caches that exist. Default: {@code default-cache}. */
  String[] caches() default "default-cache";

  /** Whether calls without a key have full access, as those of {@code forMomentoLocal()}. */
  boolean keyless() default false;
}
