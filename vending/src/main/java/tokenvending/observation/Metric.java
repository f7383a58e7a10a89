package tokenvending.observation;

import java.util.Locale;

/** The metrics, with Prometheus names and help texts. */
public enum Metric {
  /** Labels: {@link #OUTCOME}, {@link #RULE}, {@link #REUSED}. */
  VENDS("tvm_vends_total", "Requests for a token, by outcome."),
  /** How long each call to the token service took: by {@link #STATUS}. */
  UPSTREAM_CALL(
      "tvm_upstream_call_duration_seconds", "Duration of calls to Momento's token service."),
  /** How long each wait for the budget took: by {@link #RESULT}. */
  BUDGET_WAIT(
      "tvm_budget_wait_seconds", "Time that requests waited for a permit of the rate budget."),
  CIRCUIT_BREAKER_OPENINGS(
      "tvm_circuit_breaker_openings_total", "Times that the circuit breaker opened."),
  STATE_OUTAGES("tvm_state_outages_total", "Times that the shared state became unavailable."),

  READY("tvm_ready", "Whether the server can vend: 1 if /readyz returns 200, else 0."),
  AUDIT_WRITABLE("tvm_audit_writable", "Whether audit events can be written: 1, or 0."),
  BUDGET_SLOTS("tvm_budget_slots", "Slots of the rate budget: calls in one period."),
  BUDGET_FREE("tvm_budget_free_slots", "Slots of the rate budget that are free now."),
  BUDGET_WAITING("tvm_budget_waiting_requests", "Requests that wait for a permit."),
  BUDGET_QUEUE_POSITIONS(
      "tvm_budget_queue_positions",
      "Positions in the budget queue, including those of callers that were rejected with"
          + " Retry-After."),
  BUDGET_EXPECTED_WAIT("tvm_budget_expected_wait_seconds", "Expected wait of a new caller."),
  CIRCUIT_BREAKER_OPEN("tvm_circuit_breaker_open", "Whether the circuit breaker is open: 1, or 0."),
  STATE_REACHABLE("tvm_state_reachable", "Whether the shared state can be reached: 1, or 0."),
  /** Label: {@link #ISSUER}. */
  KEY_SET_USABLE("tvm_key_set_usable", "Whether JWTs of the issuer can be verified: 1, or 0."),
  /** Label: {@link #ISSUER}. */
  KEY_SET_AGE("tvm_key_set_age_seconds", "Time since the issuer's keys were fetched."),
  /** By {@link #INPUT}. */
  RELOAD_SUCCESS(
      "tvm_reload_success", "Whether the input was read successfully the last time: 1, or 0."),
  /** Label: {@link #INPUT}. Absent before the first success. */
  RELOAD_LAST_SUCCESS(
      "tvm_reload_last_success_timestamp_seconds",
      "When the input was last read and valid, in seconds since 1970-01-01T00:00:00Z."),
  /** Always 1, by {@link #VERSION}. */
  POLICY("tvm_policy_info", "Always 1; the label is the fingerprint of the policy in use."),
  /** Always 1, by {@link #VERSION}. */
  BUILD("tvm_build_info", "Always 1; the label is the version that runs.");

  /** The outcome, as in the audit event. */
  public static final String OUTCOME = "outcome";

  /** The id of the rule that decided. */
  public static final String RULE = "rule";

  /** Whether the token was vended before. */
  public static final String REUSED = "reused";

  /** The outcome of a call. */
  public static final String STATUS = "status";

  /** The outcome of a wait for a permit. */
  public static final String RESULT = "result";

  public static final String ISSUER = "issuer";

  /** Which input was read: {@link Input#label}. */
  public static final String INPUT = "input";

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
