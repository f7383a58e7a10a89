// A certificate authority and a server's certificate for loopback, made with the openssl command.
import { execFileSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Creates the PEM files `authority`, `certificate` and `key` in `folder`. */
export function makeCertificates(folder) {
  const file = name => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const keyArgs = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  writeFileSync(file('names'), 'subjectAltName = DNS:localhost, IP:127.0.0.1\nbasicConstraints = CA:FALSE\n');
  try {
    openssl('req', '-x509', ...keyArgs, '-subj', '/CN=benchmark authority', '-keyout', file('authority-key.pem'), '-out', file('authority.pem'));
    openssl('req', ...keyArgs.filter(arg => arg !== '-days' && arg !== '2'), '-subj', '/CN=localhost', '-keyout', file('key.pem'), '-out', file('request.pem'));
    openssl(
      ...['x509', '-req', '-in', file('request.pem'), '-CA', file('authority.pem'), '-CAkey', file('authority-key.pem')],
      ...['-CAcreateserial', '-days', '2', '-extfile', file('names'), '-out', file('certificate.pem')],
    );
  } catch (error) {
    throw new Error(`openssl cannot make certificates: ${error.stderr ?? error.message}`);
  }
  return { authority: file('authority.pem'), certificate: file('certificate.pem'), key: file('key.pem') };
}

/**
 * Creates a trust store with the JDK's authorities and this one, as a JVM reads it in production. It has no password,
 * as in JDKs and systems, because opening an encrypted one takes 100 ms.
 */
export function javaTrustStore(folder, authority, javaHome) {
  const store = join(folder, 'cacerts');
  copyFileSync(join(javaHome, 'lib', 'security', 'cacerts'), store);
  const open = ['certProtectionAlgorithm', 'macAlgorithm'].map(name => `-J-Dkeystore.pkcs12.${name}=NONE`);
  execFileSync(
    join(javaHome, 'bin', 'keytool'),
    ['-importcert', '-noprompt', ...open, '-alias', 'benchmark', '-file', authority, '-keystore', store, '-storepass', 'changeit'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return store;
}
