package tokenvending.observation;

import java.time.Duration;

/**
 * The state of the budget queue at one moment.
 *
 * @param slots how many there are now, fewer for a while after the account's limit was reached
 * @param free how many of these could be had at once
 * @param waiting how many callers wait here
 * @param positions how many are queued, with those that were rejected and may come back
 * @param newCallerWait how long a caller that arrived now would wait
 */
public record QueueStatus(
    int slots, int free, int waiting, int positions, Duration newCallerWait) {}
