/** Token reuse: returning a cached token to callers with the same grant. */
@NullMarked
package tokenvending.reuse;

import org.jspecify.annotations.NullMarked;
