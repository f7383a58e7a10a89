package tokenvending.infrastructure;

import java.util.List;
import software.amazon.awscdk.services.apigateway.RestApi;
import software.amazon.awscdk.services.wafv2.CfnWebACL;
import software.amazon.awscdk.services.wafv2.CfnWebACLAssociation;
import software.constructs.Construct;

/**
 * An AWS WAF web ACL with one rule that limits the requests per minute from one address. WAF counts
 * before the gateway, so a blocked request reaches neither the stage's throttle nor a function.
 */
final class AddressFirewall extends Construct {
  private static final int WINDOW_SECONDS = 60;

  /**
   * Attaches the rule to the API's stage.
   *
   * @param perMinute the requests from one address that are allowed, preflights included
   */
  AddressFirewall(Construct scope, String id, RestApi api, int perMinute) {
    super(scope, id);
    CfnWebACL acl =
        CfnWebACL.Builder.create(this, "Acl")
            .description("Limits the requests of one address to the token vending machine")
            .scope("REGIONAL")
            .defaultAction(
                CfnWebACL.DefaultActionProperty.builder()
                    .allow(CfnWebACL.AllowActionProperty.builder().build())
                    .build())
            .visibilityConfig(counted("All"))
            .rules(
                List.of(
                    CfnWebACL.RuleProperty.builder()
                        .name("AddressRate")
                        .priority(0)
                        .action(
                            CfnWebACL.RuleActionProperty.builder()
                                .block(CfnWebACL.BlockActionProperty.builder().build())
                                .build())
                        .visibilityConfig(counted("AddressRate"))
                        .statement(
                            CfnWebACL.StatementProperty.builder()
                                .rateBasedStatement(
                                    CfnWebACL.RateBasedStatementProperty.builder()
                                        .aggregateKeyType("IP")
                                        .limit(perMinute)
                                        .evaluationWindowSec(WINDOW_SECONDS)
                                        .build())
                                .build())
                        .build()))
            .build();
    CfnWebACLAssociation.Builder.create(this, "Association")
        .webAclArn(acl.getAttrArn())
        .resourceArn(api.getDeploymentStage().getStageArn())
        .build();
  }

  /**
   * Without samples, because WAF keeps them for three hours with all headers, and thus with
   * credentials.
   */
  private static CfnWebACL.VisibilityConfigProperty counted(String metric) {
    return CfnWebACL.VisibilityConfigProperty.builder()
        .cloudWatchMetricsEnabled(true)
        .metricName(metric)
        .sampledRequestsEnabled(false)
        .build();
  }
}
