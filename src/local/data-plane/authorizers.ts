import type { Invoker } from "../metered-runtime.ts";
import type { Authorization } from "./authorization.ts";
import type { RouteAccess } from "./deployed-routes.ts";
import type { RoutedExchange } from "./exchange.ts";
import { internalError } from "./gateway-message.ts";
import { authorizeIam } from "./iam.ts";
import { JwtAuthorization } from "./jwt.ts";
import { LambdaAuthorization } from "./lambda-authorizer.ts";

/** Lets requests in, or not, as their routes want it. */
export class Authorizers {
  readonly #jwt = new JwtAuthorization();
  readonly #lambda: LambdaAuthorization;

  constructor(runtime: Invoker) {
    this.#lambda = new LambdaAuthorization(runtime);
  }

  async authorize(exchange: RoutedExchange, access: RouteAccess): Promise<Authorization> {
    switch (access.type) {
      case "NONE":
        return { allowed: true };
      case "AWS_IAM":
        return authorizeIam(exchange);
      case "JWT":
        return this.#jwt.authorize(exchange, access.authorizer, access.scopes);
      case "CUSTOM":
        return this.#lambda.authorize(exchange, access.authorizer);
      case "BROKEN":
        return { allowed: false, response: internalError(), error: "The route's authorizer does not exist." };
    }
  }
}
