"""Runs one Python handler in its own process, fed by the Lambda Runtime API. Started by the local AWS.

What it reports, and how it words it, follows AWS's runtime interface client for Python.
"""

import decimal
import http.client
import importlib
import json
import logging
import math
import os
import sys
import threading
import time
import traceback
import types
import uuid

PREFIX = "/2018-06-01/runtime/"


class RuntimeFailure(Exception):
    def __init__(self, error_type, message):
        super().__init__(message)
        self.error_type = error_type


class LambdaContext:
    def __init__(self, headers):
        env = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = None
        # Nobody calls with an identity of Cognito here.
        self.identity = types.SimpleNamespace(cognito_identity_id=None, cognito_identity_pool_id=None)
        self._deadline_ms = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        print(one_event(str(message)))


class RuntimeApi:
    def __init__(self, address):
        self._connection = http.client.HTTPConnection(address)

    def call(self, method, path, body=None):
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            self._connection.request(method, PREFIX + path, body, headers)
            response = self._connection.getresponse()
            return response.headers, response.read()
        except (OSError, http.client.HTTPException):
            # Nobody is left to work for.
            os._exit(1)


def one_event(text):
    """A message of many lines as one event: the local AWS makes its line breaks again (function-process.ts)."""
    return text.replace("\n", "\x1f")


class LogFormatter(logging.Formatter):
    """AWS's layout: level, time, request id and message between tabs."""

    request_id = ""
    converter = time.gmtime

    def format(self, record):
        record.aws_request_id = LogFormatter.request_id
        return one_event(super().format(record))


def watch_parent():
    # The other end of stdin belongs to the local AWS and is never written to: it ends when the local AWS does.
    os.read(0, 1)
    os._exit(1)


def set_up_logging():
    layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    output = logging.StreamHandler(sys.stdout)
    output.setFormatter(LogFormatter(layout, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(output)


def load_handler(name):
    module_name, _, function_name = name.rpartition(".")
    if not module_name:
        raise RuntimeFailure("Runtime.MalformedHandlerName", "Bad handler '%s': not enough values to unpack" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '%s': %s" % (module_name, error)
        raise RuntimeFailure("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = "Syntax error in module '%s': %s" % (module_name, error)
        raise RuntimeFailure("Runtime.UserCodeSyntaxError", message) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        message = "Handler '%s' missing on module '%s'" % (function_name, module_name)
        raise RuntimeFailure("Runtime.HandlerNotFound", message)
    return handler


def describe(error, request_id):
    error_type = error.error_type if isinstance(error, RuntimeFailure) else type(error).__name__
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    return {
        "errorMessage": str(error),
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": traceback.format_list(frames),
    }


def indented(line):
    """The line as AWS's client logs it: with no-break spaces before it."""
    text = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(text)) + text


def report(api, path, error, request_id):
    failure = describe(error, request_id)
    title = ": ".join(filter(None, [failure["errorType"], failure["errorMessage"]]))
    frames = [indented(line) for frame in failure["stackTrace"] for line in frame.splitlines()]
    lines = ["[ERROR] " + title, "Traceback (most recent call last):", *frames]
    print(one_event("\n".join(lines)))
    sys.stdout.flush()
    sys.stderr.flush()
    api.call("POST", path, json.dumps(failure).encode())


# Stands around the digits of a Decimal where json has no way to write them. No handler knows it.
DIGITS = uuid.uuid4().hex


def plain(value):
    if isinstance(value, decimal.Decimal):
        return math.nan if value.is_nan() else DIGITS + str(value) + DIGITS
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def with_objects(value):
    """The value with an object for each namedtuple, of which json makes a list."""
    if isinstance(value, list):
        return [with_objects(item) for item in value]
    if callable(getattr(value, "_asdict", None)):
        return with_objects(value._asdict())
    if isinstance(value, tuple):
        return [with_objects(item) for item in value]
    if isinstance(value, dict):
        return {key: with_objects(item) for key, item in value.items()}
    return value


def answer(handler, body, context):
    result = handler(json.loads(body), context)
    try:
        text = json.dumps(with_objects(result), ensure_ascii=False, default=plain)
        return text.replace('"' + DIGITS, "").replace(DIGITS + '"', "").encode()
    except Exception as error:
        raise RuntimeFailure("Runtime.MarshalError", "Unable to marshal response: %s" % error) from error


def main():
    threading.Thread(target=watch_parent, daemon=True).start()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    # In place of this program's own folder.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        report(api, "init/error", error, "")
        sys.exit(1)
    while True:
        headers, body = api.call("GET", "invocation/next")
        context = LambdaContext(headers)
        LogFormatter.request_id = context.aws_request_id
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        path = "invocation/%s/" % context.aws_request_id
        try:
            payload = answer(handler, body, context)
        except Exception as error:
            report(api, path + "error", error, context.aws_request_id)
            continue
        sys.stdout.flush()
        sys.stderr.flush()
        api.call("POST", path + "response", payload)


if __name__ == "__main__":
    main()
