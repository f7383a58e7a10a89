/** Momento's permission statements, parsed and matched. */
@NullMarked
package tokenvending.momentolocal.permission;

import org.jspecify.annotations.NullMarked;
