/** Metrics and the state of a running machine. */
@NullMarked
package tokenvending.observation;

import org.jspecify.annotations.NullMarked;
