/** What must hold whatever carries a request: suites that each transport's tests take on. */
@NullMarked
package tokenvending.testing.contract;

import org.jspecify.annotations.NullMarked;
