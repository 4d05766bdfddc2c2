"""Drives the local AWS with boto3 through the whole life of an HTTP API in front of a function.

Called with the local AWS's address and access key; ends with an AssertionError or boto3's own error at the first
answer that is not as AWS's.
"""

import io
import json
import sys
import urllib.error
import urllib.request
import zipfile

import boto3
from botocore.config import Config

URL, ACCESS_KEY, SECRET_KEY, ACCOUNT = sys.argv[1:]
REGION = "eu-west-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
SOURCE = """
export const handler = async (event) => {
  console.log("asked", event.rawPath ?? "directly");
  if (event.fail) throw new Error("told to fail");
  return { statusCode: 200, body: JSON.stringify({ path: event.rawPath ?? null }) };
};
"""


def client(service):
    return boto3.client(
        service,
        endpoint_url=URL,
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        # boto3 would put "stream-" and the like before the host.
        config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False),
    )


sts, iam, lambda_, api, logs = map(client, ["sts", "iam", "lambda", "apigatewayv2", "logs"])


def package(source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.mjs", source)
    return buffer.getvalue()


def refused(error, call, **members):
    """The call has to be refused with this class of error; its message."""
    try:
        call(**members)
    except error as caught:
        return caught.response["Error"]["Message"]
    raise AssertionError(f"not refused with {error.__name__}: {members}")


def fetch(url, body=b"{}"):
    request = urllib.request.Request(url, data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def make_role():
    arn = iam.create_role(
        RoleName="boto",
        AssumeRolePolicyDocument=json.dumps(TRUST),
        Description="für boto3",
        Tags=[{"Key": "by", "Value": "boto3"}],
    )["Role"]["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:role/boto", arn
    iam.get_waiter("role_exists").wait(RoleName="boto")
    role = iam.get_role(RoleName="boto")["Role"]
    # boto3 decodes the document and the date.
    assert role["AssumeRolePolicyDocument"] == TRUST, role
    assert role["CreateDate"].tzinfo is not None, role
    assert role["Tags"] == [{"Key": "by", "Value": "boto3"}], role
    assert role["Description"] == "für boto3", role
    iam.attach_role_policy(RoleName="boto", PolicyArn=BASIC_EXECUTION)
    iam.put_role_policy(
        RoleName="boto",
        PolicyName="inline",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "s3:*",
                    "Resource": "*",
                },
            }
        ),
    )
    names = iam.get_paginator("list_role_policies").paginate(RoleName="boto")
    assert [n for page in names for n in page["PolicyNames"]] == ["inline"]
    refused(
        iam.exceptions.EntityAlreadyExistsException,
        iam.create_role,
        RoleName="boto",
        AssumeRolePolicyDocument=json.dumps(TRUST),
    )
    refused(iam.exceptions.DeleteConflictException, iam.delete_role, RoleName="boto")
    refused(
        iam.exceptions.MalformedPolicyDocumentException,
        iam.update_assume_role_policy,
        RoleName="boto",
        PolicyDocument="{",
    )
    return arn


def make_function(role):
    logs.create_log_group(logGroupName="/aws/lambda/boto", tags={"by": "boto3"})
    logs.put_retention_policy(logGroupName="/aws/lambda/boto", retentionInDays=7)
    made = lambda_.create_function(
        FunctionName="boto",
        Role=role,
        Runtime="nodejs22.x",
        Handler="index.handler",
        Code={"ZipFile": package(SOURCE)},
        Timeout=10,
        Environment={"Variables": {"COLOUR": "green"}},
    )
    assert made["State"] in ("Pending", "Active"), made
    lambda_.get_waiter("function_active_v2").wait(FunctionName="boto")
    lambda_.update_function_configuration(FunctionName="boto", MemorySize=256)
    lambda_.get_waiter("function_updated_v2").wait(FunctionName="boto")
    lambda_.update_function_code(FunctionName="boto", ZipFile=package(SOURCE + "// changed\n"))
    lambda_.get_waiter("function_updated_v2").wait(FunctionName="boto")
    found = lambda_.get_function(FunctionName="boto")["Configuration"]
    assert found["MemorySize"] == 256 and found["Timeout"] == 10, found
    assert found["CodeSha256"] != made["CodeSha256"], found
    refused(
        lambda_.exceptions.ResourceConflictException,
        lambda_.create_function,
        FunctionName="boto",
        Role=role,
        Runtime="nodejs22.x",
        Handler="index.handler",
        Code={"ZipFile": package(SOURCE)},
    )
    refused(lambda_.exceptions.ResourceNotFoundException, lambda_.get_policy, FunctionName="boto")
    return found["FunctionArn"]


def invoke_function():
    answer = lambda_.invoke(FunctionName="boto", Payload=b"{}", LogType="Tail")
    assert answer["StatusCode"] == 200, answer
    assert "FunctionError" not in answer, answer
    assert json.load(answer["Payload"])["statusCode"] == 200
    failed = lambda_.invoke(FunctionName="boto", Payload=b'{"fail":true}')
    assert failed["FunctionError"] == "Unhandled", failed
    assert json.load(failed["Payload"])["errorMessage"] == "told to fail"
    dry = lambda_.invoke(FunctionName="boto", InvocationType="DryRun")
    assert dry["StatusCode"] == 204, dry
    refused(lambda_.exceptions.ResourceNotFoundException, lambda_.invoke, FunctionName="nobody")


def make_api(function):
    made = api.create_api(Name="boto", ProtocolType="HTTP", Tags={"by": "boto3"})
    api_id = made["ApiId"]
    assert made["CreatedDate"].tzinfo is not None, made
    integration = api.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    route = {"ApiId": api_id, "Target": f"integrations/{integration}"}
    api.create_route(RouteKey="POST /open", **route)
    api.create_route(RouteKey="POST /signed", AuthorizationType="AWS_IAM", **route)
    refused(api.exceptions.ConflictException, api.create_route, RouteKey="POST /open", **route)
    deployment = api.create_deployment(ApiId=api_id)["DeploymentId"]
    api.create_stage(ApiId=api_id, StageName="prod", DeploymentId=deployment)
    found = api.get_stage(ApiId=api_id, StageName="prod")
    assert found["DeploymentId"] == deployment, found
    refused(
        api.exceptions.ConflictException,
        api.delete_integration,
        ApiId=api_id,
        IntegrationId=integration,
    )
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/prod/*/*"
    stated = lambda_.add_permission(
        FunctionName="boto",
        StatementId="gateway",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
    )["Statement"]
    condition = json.loads(stated)["Condition"]
    assert condition == {"ArnLike": {"AWS:SourceArn": source}}, condition
    policy = json.loads(lambda_.get_policy(FunctionName="boto")["Policy"])
    assert [s["Sid"] for s in policy["Statement"]] == ["gateway"], policy
    return api_id, made["ApiEndpoint"]


def call_urls(endpoint):
    answer = fetch(f"{endpoint}/prod/open")
    assert answer == (200, {"path": "/prod/open"}), answer
    answer = fetch(f"{endpoint}/prod/signed")
    assert answer == (403, {"message": "Forbidden"}), answer
    answer = fetch(f"{endpoint}/prod/none")
    assert answer == (404, {"message": "Not Found"}), answer
    lambda_.remove_permission(FunctionName="boto", StatementId="gateway")
    answer = fetch(f"{endpoint}/prod/open")
    assert answer == (500, {"message": "Internal Server Error"}), answer


def read_logs():
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/boto")
    messages = [e["message"] for page in pages for e in page["events"]]
    assert any("asked /prod/open" in m for m in messages), messages
    assert any("asked directly" in m for m in messages), messages


def paginate():
    for i in range(3):
        logs.create_log_group(logGroupName=f"/pages/{i}")
    pages = list(
        logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["logGroups"]) for page in pages] == [2, 1], pages
    for i in range(3):
        logs.delete_log_group(logGroupName=f"/pages/{i}")
    functions = lambda_.get_paginator("list_functions").paginate()
    names = [f["FunctionName"] for page in functions for f in page["Functions"]]
    assert names == ["boto"], names
    roles = iam.get_paginator("list_roles").paginate()
    assert "boto" in [r["RoleName"] for page in roles for r in page["Roles"]]


def delete_all(api_id):
    api.delete_api(ApiId=api_id)
    refused(api.exceptions.NotFoundException, api.get_api, ApiId=api_id)
    assert api.get_apis()["Items"] == []
    lambda_.delete_function(FunctionName="boto")
    refused(lambda_.exceptions.ResourceNotFoundException, lambda_.get_function, FunctionName="boto")
    iam.detach_role_policy(RoleName="boto", PolicyArn=BASIC_EXECUTION)
    iam.delete_role_policy(RoleName="boto", PolicyName="inline")
    iam.delete_role(RoleName="boto")
    refused(iam.exceptions.NoSuchEntityException, iam.get_role, RoleName="boto")
    logs.delete_log_group(logGroupName="/aws/lambda/boto")
    refused(
        logs.exceptions.ResourceNotFoundException,
        logs.delete_log_group,
        logGroupName="/aws/lambda/boto",
    )


def main():
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT, identity
    role = make_role()
    function = make_function(role)
    invoke_function()
    api_id, endpoint = make_api(function)
    call_urls(endpoint)
    read_logs()
    paginate()
    delete_all(api_id)
    print("done")


main()
