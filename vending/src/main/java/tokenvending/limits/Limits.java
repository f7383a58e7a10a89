package tokenvending.limits;

import tokenvending.identity.ClientAddress;
import tokenvending.identity.Principal;

/** Counts requests of one caller and of one address. Thread-safe. */
public interface Limits {
  Admission admit(Principal caller, ClientAddress from);

  /** Limits that admit every request. */
  static Limits none() {
    return (caller, from) -> new Admission.Admitted();
  }
}
