/** Shared state of several instances: the budget queue, counters of limits, sealed tokens. */
@NullMarked
package tokenvending.state;

import org.jspecify.annotations.NullMarked;
