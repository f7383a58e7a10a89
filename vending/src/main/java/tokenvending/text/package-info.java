/** Which characters may stand in a name. */
@NullMarked
package tokenvending.text;

import org.jspecify.annotations.NullMarked;
