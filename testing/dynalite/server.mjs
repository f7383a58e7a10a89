// Serves dynalite in memory on the loopback address. Argument: the port.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const db = require('dynalite/db');

// dynalite 4 lacks this parameter of UpdateItem: the error of a failed condition carries the item as it is.
require('dynalite/validations/updateItem').types.ReturnValuesOnConditionCheckFailure = {
  type: 'String',
  enum: ['ALL_OLD', 'NONE'],
};
const { checkConditional } = db;
db.checkConditional = (data, item) => {
  const failure = checkConditional(data, item);
  if (failure && item && data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD') failure.body.Item = item;
  return failure;
};

require('dynalite')({ createTableMs: 0, deleteTableMs: 0 }).listen(Number(process.argv[2]), '127.0.0.1');
