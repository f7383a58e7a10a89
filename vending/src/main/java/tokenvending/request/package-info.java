/** A caller's request for a token. */
@NullMarked
package tokenvending.request;

import org.jspecify.annotations.NullMarked;
