package tokenvending.observation;

import java.time.Duration;

/**
 * The state of the budget queue at one moment.
 *
 * @param slots how many there are; fewer for a while after the account's limit was reached
 * @param free how many slots are free
 * @param waiting how many callers wait in this process
 * @param positions how many positions are held, including those of rejected callers that can come
 *     back
 * @param newCallerWait how long a caller that arrived now would wait
 */
public record QueueStatus(
    int slots, int free, int waiting, int positions, Duration newCallerWait) {}
