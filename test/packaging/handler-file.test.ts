import { expect, test } from "vitest";
import { checkHandler } from "../../src/packaging/handler-file.ts";

test.each([
  ["nodejs22.x", "app.handler", "app.js"],
  ["nodejs22.x", "app.handler", "app.mjs"],
  ["nodejs22.x", "src/app.nested.handler", "src/app.cjs"],
  ["nodejs24.x", "./app.handler", "app.ts"],
  ["nodejs22.x", "pkg.handler", "node_modules/pkg/index.js"],
  ["python3.13", "app.handler", "app.py"],
  ["python3.13", "src.app.handler", "src/app.py"],
  ["python3.13", "src/app.handler", "src/app/__init__.py"],
  ["python3.13", "fast.handler", "fast.cpython-313-x86_64-linux-gnu.so"],
  ["ruby3.4", "app.LambdaFunctions::Handler.process", "app.rb"],
  ["provided.al2023", "anything", "bootstrap"],
  ["java21", "com.example.Handler::handle", "lib/app.jar"],
  ["dotnet8", "A::B.C::D", "A.dll"],
])("%s finds %s in %s", (runtime, handler, file) => {
  expect(() => checkHandler(["other.txt", file], { runtime, handler })).not.toThrow();
});

test.each([
  ["nodejs22.x", "app.handler", "app.py"],
  ["nodejs22.x", "src/app.handler", "app.js"],
  ["python3.13", "app.handler", "src/app.py"],
  ["ruby3.4", "app.handler", "app.js"],
  ["provided.al2023", "bootstrap", "bin/bootstrap"],
  ["python3.13", "app", "app.py"],
  ["nodejs22.x", "src/app", "src/app.js"],
  ["nodejs22.x", "app.", "app.js"],
])("%s does not find %s in %s", (runtime, handler, file) => {
  expect(() => checkHandler([file], { runtime, handler })).toThrow(
    expect.objectContaining({ code: "HandlerNotFound" }),
  );
});

test("the nearest handlers are named, in the runtime's own form", () => {
  const names = ["src/app.py", "apps.py", "zebra/long/way.py", "README.md", "site-packages/app.py"];
  expect(() => checkHandler(names, { runtime: "python3.13", handler: "app.handler" })).toThrow(
    expect.objectContaining({
      message:
        "The handler app.handler (python3.13) needs app.py or app/__init__.py in the package, which is not there.",
      hint: "Nearest: src/app.handler, apps.handler, zebra/long/way.handler.",
    }),
  );
});
