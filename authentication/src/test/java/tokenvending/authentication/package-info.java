/** Tests of the ways in. */
@NullMarked
package tokenvending.authentication;

import org.jspecify.annotations.NullMarked;
