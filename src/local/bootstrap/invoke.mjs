// Runs one request through a handler that answers with a value. What ends it, and when, follows AWS's runtime interface
// client for Node.js.
import { named } from "./errors.mjs";

// One listener for all requests: what to do when a handler has left nothing to wait for.
let onDry;
process.on("beforeExit", () => onDry?.());

/**
 * What the handler answers by its promise or, below nodejs24.x, by its callback or its context's done, succeed and fail.
 * Rejects with what it fails with.
 */
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
    const done = (error, value) => (isGiven(error) ? reject(error) : resolve(value));
    const fail = (error) => reject(isGiven(error) ? error : "handled");
    const callback = first((error, value) => {
      if (isGiven(error) || !context.callbackWaitsForEmptyEventLoop) {
        done(error, value);
      } else {
        onDry = () => {
          onDry = undefined;
          resolve(value);
        };
      }
    });
    if (nodeMajor < 24) {
      // They wait for nothing.
      Object.assign(context, { done: first(done), succeed: first(resolve), fail: first(fail) });
    }
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
        result.then(first(resolve), first(fail));
      } else if (nodeMajor >= 24) {
        first(resolve)(result);
      }
    } catch (error) {
      first(reject)(error);
    }
  });
}

function isGiven(error) {
  return error !== undefined && error !== null;
}
