/** What a token allows: Momento's permission statements, read and matched. */
@NullMarked
package tokenvending.momentolocal.permission;

import org.jspecify.annotations.NullMarked;
