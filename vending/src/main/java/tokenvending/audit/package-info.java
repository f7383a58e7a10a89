/** The audit log: events, and the sinks that write them. */
@NullMarked
package tokenvending.audit;

import org.jspecify.annotations.NullMarked;
