/** Nothing that a caller chooses freely, like path and agent: it could break the JSON. */
const FIELDS = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  ip: "$context.identity.sourceIp",
  caller: "$context.identity.userArn",
  method: "$context.httpMethod",
  routeKey: "$context.routeKey",
  status: "$context.status",
  milliseconds: "$context.responseLatency",
  bytes: "$context.responseLength",
  error: "$context.error.message",
  reason: "$context.integrationErrorMessage",
};

/**
 * What the access log says of each request, as one line of JSON [aws 5.7]. A variable without a value is a hyphen; those
 * that always have one are numbers, so that a filter can compare them.
 */
export const ACCESS_LOG_FORMAT = JSON.stringify(FIELDS).replace(
  /"(\$context\.(?:status|responseLatency|responseLength))"/g,
  "$1",
);
