// The smallest function, which measures Node.js itself.
export function handler() {
  return { statusCode: 200, body: '{"hello":"world"}' };
}
