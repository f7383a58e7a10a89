/** What several instances share: the queue for the budget, counters of limits, sealed tokens. */
@NullMarked
package tokenvending.state;

import org.jspecify.annotations.NullMarked;
