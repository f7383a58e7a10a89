/** Writes the audit record: one JSON line for each request. */
@NullMarked
package tokenvending.journal;

import org.jspecify.annotations.NullMarked;
