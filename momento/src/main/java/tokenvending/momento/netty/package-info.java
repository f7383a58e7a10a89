/** The way to a token service for a server, which has Netty and its HTTP/2 codec already. */
@NullMarked
package tokenvending.momento.netty;

import org.jspecify.annotations.NullMarked;
