/** What several instances share: the budget queue, the counters of limits, sealed tokens. */
@NullMarked
package tokenvending.state;

import org.jspecify.annotations.NullMarked;
