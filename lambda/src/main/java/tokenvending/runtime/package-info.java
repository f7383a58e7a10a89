/** A function's own runtime: asks AWS's Runtime API for events and tells it what came of them. */
@NullMarked
package tokenvending.runtime;

import org.jspecify.annotations.NullMarked;
