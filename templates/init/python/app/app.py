"""A gateway's function: it gets the request of an API Gateway HTTP API, payload format 2.0, and returns the response."""

import base64
import json


def handler(event, context):
    try:
        prompt = json.loads(body_of(event))["prompt"]
    except (ValueError, KeyError, TypeError):
        return reply(400, {"error": {"message": 'The body has to be JSON like {"prompt": "Hello"}.'}})
    return reply(200, {"output": answer(str(prompt))})


def answer(prompt):
    """Put your model here."""
    return f"You said: {prompt}"


def body_of(event):
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body


def reply(status, document):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(document),
    }
