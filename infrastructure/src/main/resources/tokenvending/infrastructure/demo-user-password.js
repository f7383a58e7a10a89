// A custom resource: gives a demo user the password that stands in a secret. The password is never logged,
// and neither is the event, whose ResponseURL is a credential.
const { CognitoIdentityProviderClient, AdminSetUserPasswordCommand } = require('@aws-sdk/client-cognito-identity-provider');
const { SecretsManagerClient, GetSecretValueCommand } = require('@aws-sdk/client-secrets-manager');

async function setPassword({ UserPoolId, Username, Secret }) {
  const secret = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: Secret }));
  const { password } = JSON.parse(secret.SecretString);
  await new CognitoIdentityProviderClient({}).send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: password, Permanent: true }));
}

exports.handler = async (event, context) => {
  let fault;
  try {
    // Whoever removes the user removes the password.
    if (event.RequestType !== 'Delete') await setPassword(event.ResourceProperties);
  } catch (error) {
    fault = error.name;
    console.error(JSON.stringify({ message: 'the password could not be set', error: error.name }));
  }
  const answer = await fetch(event.ResponseURL, {
    method: 'PUT',
    headers: { 'content-type': '' },
    body: JSON.stringify({
      Status: fault ? 'FAILED' : 'SUCCESS',
      Reason: fault ? `${fault}; see the log group ${context.logGroupName}` : 'done',
      PhysicalResourceId: `${event.LogicalResourceId}-password`,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
    }),
  });
  if (!answer.ok) throw new Error(`CloudFormation did not take the answer: ${answer.status}`);
};
