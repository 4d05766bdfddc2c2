// Runs one request through a handler that answers with a value. What ends it, and when, follows AWS's runtime interface
// client for Node.js.
import { named } from "./errors.mjs";

// One listener for all requests: what to do when a handler has left nothing to wait for.
let onDry;
process.on("beforeExit", () => onDry?.());

/** What the handler answers by its promise or, below nodejs24.x, by its callback. Rejects with what it fails with. */
export function invoke(handler, event, context, nodeMajor) {
  return new Promise((resolve, reject) => {
    let hasEnded = false;
    /** Of all that may end a request only the first call counts. */
    const first =
      (end) =>
      (...args) => {
        if (!hasEnded) {
          hasEnded = true;
          onDry = undefined;
          end(...args);
        }
      };
    const callback = first((error, value) => {
      if (error !== undefined && error !== null) {
        reject(error);
      } else if (context.callbackWaitsForEmptyEventLoop) {
        onDry = () => {
          onDry = undefined;
          resolve(value);
        };
      } else {
        resolve(value);
      }
    });
    onDry = first(() => {
      if (handler.constructor.name === "AsyncFunction") {
        reject(named("Runtime.NodeJsExit", "The handler's promise was never settled, and nothing was left to do."));
      } else {
        // Neither a promise nor a callback: the answer is null.
        resolve(null);
      }
    });
    try {
      const result = handler(event, context, callback);
      if (typeof result?.then === "function") {
        result.then(first(resolve), first(reject));
      } else if (nodeMajor >= 24) {
        first(resolve)(result);
      }
    } catch (error) {
      first(reject)(error);
    }
  });
}
