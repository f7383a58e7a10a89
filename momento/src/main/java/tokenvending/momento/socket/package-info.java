/** HTTP/2 by hand over one of the JDK's sockets, for a process that must start fast. */
@NullMarked
package tokenvending.momento.socket;

import org.jspecify.annotations.NullMarked;
