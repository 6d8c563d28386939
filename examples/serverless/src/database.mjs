// Decides how rows are written and read: plain objects in and out, strongly consistent, the conditions said by the caller.

import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

const TableName = process.env.TABLE;
/** DynamoDB takes no more in one batch, and no more bytes than 16 MB. */
const BATCH = 25;
const BATCH_ATTEMPTS = 8;

// Without `endpoint` it is AWS; the emulator says where it listens.
const client = new DynamoDBClient({ endpoint: process.env.DYNAMODB_ENDPOINT, maxAttempts: 8 });

/** @typedef {{ pk: string, sk: string }} Key */

/**
 * Reads a row.
 * @param {Key} key
 */
export async function get(key) {
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: toRow(key), ConsistentRead: true }));
  return Item && fromRow(Item);
}

/** Writes a whole row. */
export async function put(row) {
  await client.send(new PutItemCommand({ TableName, Item: toRow(row) }));
}

/**
 * Changes a row, or makes it, if `condition` holds of what is there.
 * @param {Key} key
 * @param {string} expression an UpdateExpression
 * @param {Record<string, unknown>} values of its `:names`
 * @param {string} [condition]
 * @returns the row after the change; nothing where the condition did not hold
 */
export async function change(key, expression, values, condition) {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName,
        Key: toRow(key),
        UpdateExpression: expression,
        ExpressionAttributeValues: toRow(values),
        ConditionExpression: condition,
        ReturnValues: "ALL_NEW",
      }),
    );
    return fromRow(Attributes);
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/**
 * All rows of `pk` whose `sk` begins with `prefix`, in the order of `sk`.
 * @param {string} pk
 * @param {string} prefix
 * @param {{ until?: string, keysOnly?: true }} [options] `until` ends before that `sk`
 */
export async function list(pk, prefix, { until, keysOnly } = {}) {
  const rows = [];
  let ExclusiveStartKey;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: until ? "pk = :pk AND sk BETWEEN :prefix AND :until" : "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: toRow({ ":pk": pk, ":prefix": prefix, ...(until && { ":until": until }) }),
        ProjectionExpression: keysOnly && "pk, sk",
        ExclusiveStartKey,
      }),
    );
    rows.push(...page.Items.map(fromRow));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return rows;
}

/**
 * Deletes rows. One that is not there is no error.
 * @param {Key[]} keys
 */
export async function remove(keys) {
  await inBatches(keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: toRow({ pk, sk }) } })));
}

/** Writes whole rows, in no order. */
export async function putAll(rows) {
  await inBatches(rows.map((row) => ({ PutRequest: { Item: toRow(row) } })));
}

async function inBatches(requests) {
  for (let at = 0; at < requests.length; at += BATCH) {
    let left = requests.slice(at, at + BATCH);
    for (let attempt = 1; left.length > 0; attempt++) {
      if (attempt > BATCH_ATTEMPTS) throw new Error(`${left.length} rows were not written in ${BATCH_ATTEMPTS} attempts`);
      if (attempt > 1) await pause(attempt);
      const { UnprocessedItems = {} } = await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: left } }));
      left = UnprocessedItems[TableName] ?? [];
    }
  }
}

/** DynamoDB asks for it: what was not processed met a limit on the rate. */
function pause(attempt) {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
}

function toRow(values) {
  const present = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, toAttribute(value)]));
}

function toAttribute(value) {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (value instanceof Set) return { NS: [...value].map(String) };
  return { B: value };
}

function fromRow(row) {
  return Object.fromEntries(Object.entries(row).map(([name, attribute]) => [name, fromAttribute(attribute)]));
}

function fromAttribute({ S, N, NS, B }) {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (NS !== undefined) return new Set(NS.map(Number));
  return B;
}
