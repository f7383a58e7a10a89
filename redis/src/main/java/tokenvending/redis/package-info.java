/**
 * What several instances share, in Valkey or Redis: each step is one script, atomic, and by the
 * store's clock.
 */
@NullMarked
package tokenvending.redis;

import org.jspecify.annotations.NullMarked;
