// Runs the CDK's command line with our configuration alone: a cdk.json of the current folder or the home folder could
// replace the policy and run commands. Reads from descriptor 5 the Momento API key, if there is one to be deployed.
'use strict';
const { closeSync, readFileSync } = require('node:fs');
const os = require('node:os');
const { join, resolve } = require('node:path');

// The options whose values are paths, which begin at the folder that the user is in.
const PATHS = ['-o', '--output', '-O', '--outputs-file', '--template', '--ca-bundle-path'];
const VERBOSE = /^(-v+|--verbose|--debug|--debug-cli)(=|$)/;

const empty = join(process.env.TVM_CDK_RUN, 'empty');
const key = readFileSync(5, 'utf8');
closeSync(5);

const args = process.argv.slice(2);
for (let i = 0; i < args.length; i++) {
  if (PATHS.includes(args[i]) && i + 1 < args.length) {
    args[++i] = resolve(args[i]);
  } else {
    const option = PATHS.find(name => args[i].startsWith(`${name}=`));
    if (option) args[i] = `${option}=${resolve(args[i].slice(option.length + 1))}`;
  }
}
if (key !== '') {
  if (args.some(arg => VERBOSE.test(arg))) {
    console.error('--momento-api-key: with --verbose or --debug the CDK would print the key');
    process.exit(2);
  }
  args.push('--parameters', `MomentoApiKey=${key}`);
}

// The CDK names its own command where the bootstrap stack is missing. A warning of ours is one line; the CDK adds the
// place in its own program, the construct, and how to hide it in code.
const ANNOTATION = /^(?:.*program\.js:.*\n)?\S*(?:ERROR|WARNING|INFO)\S* (.*) \S*\(Construct Annotations\).*\n {3}.*\n {3}.*\n*/gm;
const shown = text => text.replace(ANNOTATION, '$1\n').replace(/\bcdk bootstrap\b/g, './tvm bootstrap');
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => write(typeof chunk === 'string' ? shown(chunk) : chunk, ...rest);
}

// ~/.cdk.json is looked for at os.homedir(), everything of AWS at $HOME.
process.env.HOME ??= os.homedir();
os.homedir = () => empty;
process.chdir(empty);
process.argv.splice(2, Infinity, ...args);
require('./node_modules/aws-cdk/bin/cdk');
