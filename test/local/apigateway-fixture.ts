import * as api from "@aws-sdk/client-apigatewayv2";
import type { HttpRequest, HttpResponse } from "../../src/local/http.ts";
import type { TestAccount } from "./control-plane-support.ts";
import { serve, type TestServer } from "./http-fixture.ts";

export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
export const INVOKE_URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;

/** An API with an integration and the route `GET /a` to it. */
export async function createApi(aws: TestAccount, input: Partial<api.CreateApiCommandInput> = {}) {
  const { ApiId = "" } = await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP", ...input }));
  const { IntegrationId = "" } = await aws.api.send(
    new api.CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: INVOKE_URI,
      PayloadFormatVersion: "2.0",
    }),
  );
  const Target = `integrations/${IntegrationId}`;
  const { RouteId = "" } = await aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "GET /a", Target }));
  return { ApiId, IntegrationId, RouteId, Target };
}

/** An issuer of tokens that answers what `answer` makes of its URL and the path; `asked` holds the paths it was asked for. */
export async function serveIssuer(
  answer: (url: string, path: string) => Partial<HttpResponse> | Promise<Partial<HttpResponse>>,
): Promise<TestServer & { readonly asked: string[] }> {
  const asked: string[] = [];
  const server = await serve(async (request: HttpRequest) => {
    asked.push(request.path);
    return { status: 200, headers: {}, body: "", ...(await answer(`http://${request.headers.host}`, request.path)) };
  });
  return { ...server, asked };
}

export function discoveryOf(issuer: string): string {
  return JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` });
}
