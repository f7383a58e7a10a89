package tokenvending.observation;

import java.util.Locale;

/** The metrics, with Prometheus names and help texts. */
public enum Metric {
  /** Labels: {@link #OUTCOME}, {@link #RULE}, {@link #REUSED}. */
  VENDS("tvm_vends_total", "Requests for a token that were answered."),
  /** How long each call to the token service took: by {@link #STATUS}. */
  UPSTREAM_CALL("tvm_upstream_call_seconds", "Calls to the token service, from turn to answer."),
  /** How long each wait for the budget took: by {@link #TURN}. */
  BUDGET_WAIT("tvm_budget_wait_seconds", "Waits for a turn in the budget."),
  BREAKER_OPENINGS("tvm_breaker_openings_total", "How often the circuit breaker opened."),
  STATE_LOSSES("tvm_state_losses_total", "How often the shared state went away."),

  READY("tvm_ready", "Whether a token could be vended now, as /readyz says."),
  AUDIT_WRITABLE("tvm_audit_writable", "Whether audit events can be written."),
  BUDGET_SLOTS("tvm_budget_slots", "Calls that the account has in a period, by what is known."),
  BUDGET_FREE("tvm_budget_free_slots", "Calls that could be made at once."),
  BUDGET_WAITING("tvm_budget_waiting", "Requests that wait for a turn."),
  BUDGET_PLACES("tvm_budget_places", "Places in line, with those who were told to come back."),
  BUDGET_NEWCOMER_WAIT(
      "tvm_budget_newcomer_wait_seconds", "How long somebody who came now would wait."),
  BREAKER_OPEN("tvm_breaker_open", "Whether the token service is left alone."),
  STATE_REACHABLE("tvm_state_reachable", "Whether the shared state can be reached."),
  /** Label: {@link #ISSUER}. */
  KEY_SET_USABLE("tvm_key_set_usable", "Whether JWTs of the issuer can be verified."),
  /** Label: {@link #ISSUER}. */
  KEY_SET_AGE("tvm_key_set_age_seconds", "Since the issuer's keys were asked for."),
  /** By {@link #INPUT}. */
  RELOAD_SUCCESS(
      "tvm_reload_success", "Whether the latest reading of the input succeeded: 1, or 0."),
  /** Label: {@link #INPUT}. Absent before the first success. */
  RELOAD_LAST_SUCCESS(
      "tvm_reload_last_success_timestamp_seconds",
      "When the input was last read and usable, in seconds since 1970-01-01T00:00:00Z."),
  /** Always 1, by {@link #VERSION}. */
  POLICY("tvm_policy_info", "The policy in force."),
  /** Always 1, by {@link #VERSION}. */
  BUILD("tvm_build_info", "What runs.");

  /** The outcome, as in the audit event. */
  public static final String OUTCOME = "outcome";

  /** The id of the rule that decided. */
  public static final String RULE = "rule";

  /** Whether the token was vended before. */
  public static final String REUSED = "reused";

  /** The outcome of a call. */
  public static final String STATUS = "status";

  /** The outcome of a wait for a permit. */
  public static final String TURN = "turn";

  public static final String ISSUER = "issuer";

  /** Which input was read: {@link Input#label}. */
  public static final String INPUT = "what";

  public static final String VERSION = "version";

  /** The function that reports; only on AWS, where several functions write to one namespace. */
  public static final String FUNCTION = "function";

  /** The CloudWatch namespace. */
  public static final String NAMESPACE = "MomentoTokenVendingMachine";

  private final String title;
  private final String meaning;

  Metric(String title, String meaning) {
    this.title = title;
    this.meaning = meaning;
  }

  /** The metric's name. */
  public String title() {
    return title;
  }

  /** The metric's help text, one sentence. */
  public String meaning() {
    return meaning;
  }

  /** Returns a constant as a label value, in lower case with hyphens. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
