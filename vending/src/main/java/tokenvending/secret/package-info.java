/** The one type that holds a credential. */
@NullMarked
package tokenvending.secret;

import org.jspecify.annotations.NullMarked;
