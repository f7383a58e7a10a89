// The templates of every authentication method against AWS's own specification of resources.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { loadAwsServiceSpec } from '@aws-cdk/aws-service-spec';

const SNAPSHOTS = new URL('../../../../infrastructure/src/test/resources/tokenvending/infrastructure/snapshots/', import.meta.url);
const spec = await loadAwsServiceSpec();

const isIntrinsic = value => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).some(name => name === 'Ref' || name.startsWith('Fn::'));

/** What is wrong with a value of a type of the specification; a value that CloudFormation computes can be anything. */
function wrong(value, type, path) {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref': {
      const definition = spec.get('typeDefinition', type.reference.$ref);
      return wrongMembers(value, definition.properties, path);
    }
    case 'array':
      return Array.isArray(value) ? value.flatMap((one, i) => wrong(one, type.element, `${path}[${i}]`)) : [`${path}: no list`];
    case 'map':
      return typeof value === 'object' ? Object.entries(value).flatMap(([name, one]) => wrong(one, type.element, `${path}.${name}`)) : [`${path}: no map`];
    case 'union': {
      const all = type.types.map(one => wrong(value, one, path));
      return all.some(problems => problems.length === 0) ? [] : all[0];
    }
    case 'string':
      return typeof value === 'string' ? [] : [`${path}: no text`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${path}: no truth value`];
    case 'number':
    case 'integer':
      return typeof value === 'number' ? [] : [`${path}: no number`];
    default:
      return [];
  }
}

function wrongMembers(value, properties, path) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path}: no section`];
  return [
    ...Object.keys(value).filter(name => !(name in properties)).map(name => `${path}.${name}: unknown`),
    ...Object.entries(properties).filter(([name, { required }]) => required && !(name in value)).map(([name]) => `${path}.${name}: missing`),
    ...Object.entries(value).filter(([name]) => name in properties).flatMap(([name, one]) => wrong(one, properties[name].type, `${path}.${name}`)),
  ];
}

function problems(template) {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type.startsWith('Custom::')) return [];
    const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', Type);
    return resource === undefined ? [`${id}: no such type ${Type}`] : wrongMembers(Properties, resource.properties, id);
  });
}

const read = name => JSON.parse(readFileSync(new URL(name, SNAPSHOTS), 'utf8'));

for (const name of readdirSync(SNAPSHOTS)) {
  test(`${name} is a template that AWS's specification allows`, () => {
    const template = read(name);
    assert.ok(Object.keys(template.Resources).length > 20);
    assert.deepEqual(problems(template), []);
  });
}

test('a property that does not exist, one of another type and one that is missing are found', () => {
  const change = edit => {
    const template = read('open.json');
    const [id, table] = Object.entries(template.Resources).find(([, { Type }]) => Type === 'AWS::DynamoDB::Table');
    edit(table.Properties);
    return problems(template).map(problem => problem.replace(id, 'Table'));
  };
  assert.deepEqual(change(table => (table.TimeToLive = 'expires')), ['Table.TimeToLive: unknown']);
  assert.deepEqual(change(table => (table.TimeToLiveSpecification.Enabled = 'yes')), ['Table.TimeToLiveSpecification.Enabled: no truth value']);
  assert.deepEqual(change(table => delete table.KeySchema), ['Table.KeySchema: missing']);
});
