/** momento-local in tests with JUnit Jupiter. */
@NullMarked
package tokenvending.momentolocal.junit;

import org.jspecify.annotations.NullMarked;
