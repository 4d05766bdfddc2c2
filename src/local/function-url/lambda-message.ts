import type { HttpResponse } from "../http.ts";

/** An answer of Lambda itself to a request for a function URL. */
export function lambdaMessage(status: number, errorType: string, body: object): HttpResponse {
  const headers = { "content-type": "application/json", "x-amzn-errortype": errorType };
  return { status, headers, body: JSON.stringify(body) };
}

/** What Lambda answers whatever the permission is missing for [GH:awsdocs/aws-lambda-developer-guide#494]. */
export function forbidden(): HttpResponse {
  const help = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
  return lambdaMessage(403, "AccessDeniedException", {
    Message: `Forbidden. For troubleshooting Function URL authorization issues, see: ${help}`,
  });
}
