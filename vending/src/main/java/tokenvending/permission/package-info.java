/** A token's permissions, in Momento's terms. */
@NullMarked
package tokenvending.permission;

import org.jspecify.annotations.NullMarked;
