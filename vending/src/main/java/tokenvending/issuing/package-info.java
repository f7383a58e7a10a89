/** Obtaining a token for a grant, and checking what came back. */
@NullMarked
package tokenvending.issuing;

import org.jspecify.annotations.NullMarked;
