/** Faults that clients and the command line request, for tests of retries. */
@NullMarked
package tokenvending.momentolocal.fault;

import org.jspecify.annotations.NullMarked;
