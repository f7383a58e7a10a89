/** The way to a token service for a server, on the event loops of Netty that it has already. */
@NullMarked
package tokenvending.momento.netty;

import org.jspecify.annotations.NullMarked;
