/** Rate limits for callers and addresses. */
@NullMarked
package tokenvending.limits;

import org.jspecify.annotations.NullMarked;
