/** AWS Lambda functions behind an API Gateway REST API. */
@NullMarked
package tokenvending.lambda;

import org.jspecify.annotations.NullMarked;
