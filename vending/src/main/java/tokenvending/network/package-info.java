/** How connections leave the process. */
@NullMarked
package tokenvending.network;

import org.jspecify.annotations.NullMarked;
