/** Authentication: keys, sealed tokens, and the Token and Auth services that mint them. */
@NullMarked
package tokenvending.momentolocal.credential;

import org.jspecify.annotations.NullMarked;
