/** Contract suites that the tests of every transport implement. */
@NullMarked
package tokenvending.testing.contract;

import org.jspecify.annotations.NullMarked;
