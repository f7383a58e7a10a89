/** Who is calling: what was shown, and what was found out about it. */
@NullMarked
package tokenvending.identity;

import org.jspecify.annotations.NullMarked;
