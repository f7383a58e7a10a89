/** Callers: presented credentials, their authentication, and the resulting principals. */
@NullMarked
package tokenvending.identity;

import org.jspecify.annotations.NullMarked;
