package tokenvending.secret;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SecretTest {
  @Test
  void digest_is_sha_256_of_the_utf_8() {
    // FIPS 180-2, appendix B.1.
    assertThat(Secret.of("abc").sha256())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(Secret.of("\u00e9").sha256())
        .isEqualTo("4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c");
  }

  @Test
  void secret_prints_as_a_fixed_word_also_when_its_digest_is_known() {
    Secret secret = Secret.of("abc");
    assertThat(secret.sha256()).isSameAs(secret.sha256());
    assertThat(secret).hasToString("[secret]");
  }
}
