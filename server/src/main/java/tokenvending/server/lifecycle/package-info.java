/** The server as a process: start, reload, stop, signals and the operations log. */
@NullMarked
package tokenvending.server.lifecycle;

import org.jspecify.annotations.NullMarked;
