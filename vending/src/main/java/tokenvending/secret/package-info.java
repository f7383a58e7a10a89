/** Credentials as values that do not print, and the stores they come from. */
@NullMarked
package tokenvending.secret;

import org.jspecify.annotations.NullMarked;
