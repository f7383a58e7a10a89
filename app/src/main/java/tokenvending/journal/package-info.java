/** Where audit records are written: one JSON object on one line for each request. */
@NullMarked
package tokenvending.journal;

import org.jspecify.annotations.NullMarked;
