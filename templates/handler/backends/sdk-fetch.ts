import { type HttpRequest, HttpResponse } from "@smithy/protocol-http";

/**
 * The AWS SDK's requests over Node's fetch. Left alone, the Bedrock client speaks only HTTP/2, also to a plain http
 * endpoint, where proxies and stand-ins understand HTTP/1.1. The operations in use have no query string.
 */
export const sdkFetch = {
  async handle(
    request: HttpRequest,
    { abortSignal }: { abortSignal?: unknown } = {},
  ): Promise<{ response: HttpResponse }> {
    const { protocol, hostname, port, path, method, headers, body } = request;
    const response = await fetch(`${protocol}//${hostname}${port ? `:${port}` : ""}${path}`, {
      method,
      headers,
      body,
      signal: abortSignal instanceof AbortSignal ? abortSignal : null,
      redirect: "error",
    });
    return {
      response: new HttpResponse({
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        body: response.body,
      }),
    };
  },
};
