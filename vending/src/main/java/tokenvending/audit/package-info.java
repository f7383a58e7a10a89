/** The record of every decision. */
@NullMarked
package tokenvending.audit;

import org.jspecify.annotations.NullMarked;
