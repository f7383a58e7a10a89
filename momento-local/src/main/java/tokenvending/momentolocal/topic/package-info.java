/** Topics with history, and the Pubsub service that streams them to subscribers. */
@NullMarked
package tokenvending.momentolocal.topic;

import org.jspecify.annotations.NullMarked;
