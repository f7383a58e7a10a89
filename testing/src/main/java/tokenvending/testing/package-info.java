/** Fakes, fixtures and contract suites for tests; not used in production. */
@NullMarked
package tokenvending.testing;

import org.jspecify.annotations.NullMarked;
