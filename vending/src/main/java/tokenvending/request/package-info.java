/** What a caller asks for. */
@NullMarked
package tokenvending.request;

import org.jspecify.annotations.NullMarked;
