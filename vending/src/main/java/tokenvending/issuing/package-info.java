/** Issuing a token for a grant, and verifying it. */
@NullMarked
package tokenvending.issuing;

import org.jspecify.annotations.NullMarked;
