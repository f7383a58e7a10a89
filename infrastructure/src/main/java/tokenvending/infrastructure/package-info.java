/** The CDK app, which deploys {@code tvm.yaml} to AWS, and a construct for your own stacks. */
@NullMarked
package tokenvending.infrastructure;

import org.jspecify.annotations.NullMarked;
