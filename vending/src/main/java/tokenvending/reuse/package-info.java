/** Handing out a token again, to those who may have the very same one. */
@NullMarked
package tokenvending.reuse;

import org.jspecify.annotations.NullMarked;
