// The least that a function can do: what Node.js itself takes.
export function handler() {
  return { statusCode: 200, body: '{"hello":"world"}' };
}
