/**
 * Secrets and shared state in AWS, over one small client; the SDK finds credentials and regions.
 */
@NullMarked
package tokenvending.aws;

import org.jspecify.annotations.NullMarked;
