/** Outgoing connections: proxies and host names. */
@NullMarked
package tokenvending.network;

import org.jspecify.annotations.NullMarked;
