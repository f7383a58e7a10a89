/** What a token may do, in Momento's own words. */
@NullMarked
package tokenvending.permission;

import org.jspecify.annotations.NullMarked;
