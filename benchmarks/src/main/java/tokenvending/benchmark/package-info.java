/** What a decision costs, measured with JMH. */
@NullMarked
package tokenvending.benchmark;

import org.jspecify.annotations.NullMarked;
