/** Shared state in Valkey or Redis: each step is one atomic script, by the store's clock. */
@NullMarked
package tokenvending.redis;

import org.jspecify.annotations.NullMarked;
