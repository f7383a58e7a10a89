/** momento-local in JUnit tests. Needs JUnit Jupiter beside this library. */
@NullMarked
package tokenvending.momentolocal.junit;

import org.jspecify.annotations.NullMarked;
