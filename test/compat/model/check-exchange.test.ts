import { describe, expect, test } from "vitest";
import { answer, check, form, put } from "./fragment-fixture.ts";

const RIGHT = put("/things/abc?count=3", {
  thing: { name: "a", names: ["b"], tags: { c: "red" }, made: 1.5, zip: "AAAA" },
});

describe("requests in rest-json", () => {
  test("a right one has no findings, and its operation is found by method and path", () => {
    expect(check(RIGHT)).toEqual({ operation: "things PutThing", findings: [] });
  });

  test("the template with the fewest labels is meant", () => {
    expect(check(put("/things/all", {})).operation).toBe("things ListThings");
  });

  test("a path that no template has is a finding", () => {
    expect(check(put("/other", {})).findings).toEqual([" is no operation of the model"]);
  });

  test("a request that is signed for another service is not checked", () => {
    const headers = { authorization: "AWS4 Credential=K/20260101/r/other/aws4_request" };
    expect(check(put("/things/a", {}, headers)).operation).toBeUndefined();
  });

  const WRONG: readonly [title: string, url: string, body: unknown, finding: string][] = [
    ["an unknown member", "/things/a", { thing: { name: "a", size: 1 } }, "Thing.size is no member of the model"],
    ["a missing member", "/things/a", { thing: {} }, "Thing.Name is required"],
    ["a missing structure", "/things/a", {}, "Thing is required"],
    ["a null", "/things/a", { thing: { name: null } }, "Thing.Name is null"],
    ["a number for a string", "/things/a", { thing: { name: 1 } }, "Thing.Name is no string"],
    ["a string for a list", "/things/a", { thing: { name: "a", names: "b" } }, "Thing.Names is no list"],
    ["too long a string", "/things/a", { thing: { name: "abcdef" } }, "Thing.Name length 6 is above 5"],
    ["a label without text", "/things/", { thing: { name: "a" } }, " is no operation of the model"],
    ["a pattern", "/things/a", { thing: { name: "A" } }, 'Thing.Name "A" does not match [a-z]+'],
    [
      "a value of an enum",
      "/things/a",
      { thing: { name: "a", colour: "blue" } },
      'Thing.Colour "blue" is no value of the enum',
    ],
    [
      "too long a list",
      "/things/a",
      { thing: { name: "a", names: ["a", "b", "c"] } },
      "Thing.Names length 3 is above 2",
    ],
    [
      "an item of a list",
      "/things/a",
      { thing: { name: "a", names: ["1"] } },
      'Thing.Names[0] "1" does not match [a-z]+',
    ],
    [
      "a key of a map",
      "/things/a",
      { thing: { name: "a", tags: { K: "red" } } },
      'Thing.Tags.(key) "K" does not match [a-z]+',
    ],
    ["a time as text", "/things/a", { thing: { name: "a", made: "2026-01-01" } }, "Thing.Made is no number"],
    ["what is not base64", "/things/a", { thing: { name: "a", zip: "A" } }, "Thing.Zip is not base64"],
    ["too long a blob", "/things/a", { thing: { name: "a", zip: "AAAAAA==" } }, "Thing.Zip length 4 is above 3"],
    ["a label", "/things/A", { thing: { name: "a" } }, 'Id "A" does not match [a-z]+'],
    ["a number in the query", "/things/a?count=x", { thing: { name: "a" } }, 'Count "x" is no integer'],
    ["a number out of bounds", "/things/a?count=10", { thing: { name: "a" } }, "Count value 10 is above 9"],
    ["an unknown name in the query", "/things/a?size=1", { thing: { name: "a" } }, "?size is no member of the model"],
  ];

  test.each(WRONG)("%s", (_title, url, body, finding) => {
    expect(check(put(url, body)).findings).toEqual([finding]);
  });

  test("a header", () => {
    const sent = put("/things/a", { thing: { name: "a" } }, { "x-flag": "yes", "content-type": "text/plain" });
    expect(check(sent).findings).toEqual([
      'Flag "yes" is no boolean',
      "(content-type) is text/plain, not application/json",
    ]);
  });
});

describe("answers in rest-json", () => {
  test("a right one", () => {
    expect(check(RIGHT, answer(201, { name: "a", made: 1 })).findings).toEqual([]);
  });

  test("another status, an unknown member and a missing one", () => {
    expect(check(RIGHT, answer(200, { size: 1 })).findings).toEqual([
      "(status) is 200, not 201",
      "size is no member of the model",
      "Name is required",
    ]);
  });

  test("an error of the operation, with its status and its members", () => {
    const errors = { "x-amzn-errortype": "Gone" };
    expect(check(RIGHT, answer(404, { Type: "red", Message: "gone" }, errors)).findings).toEqual([]);
    expect(check(RIGHT, answer(400, { message: "gone", Kind: "x" }, errors)).findings).toEqual([
      "(error Gone) has 400, not 404",
      "(error body).Kind is no member of the model",
    ]);
  });

  test("an error that all services share, and one that nobody has", () => {
    const named = (code: string) => answer(403, { __type: code, message: "no" });
    expect(check(RIGHT, named("AccessDeniedException")).findings).toEqual([]);
    expect(check(RIGHT, named("Nonsense")).findings).toEqual(["(error Nonsense 403) is no error of the operation"]);
  });
});

describe("the query protocol", () => {
  const xml = (result: string) =>
    answer(
      200,
      `<?xml version="1.0"?><PutFormResponse xmlns="x"><PutFormResult>${result}</PutFormResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PutFormResponse>`,
    );

  test("lists are numbered, whatever their order", () => {
    const sent = form({ Name: "a", "Names.member.10": "b", "Names.member.2": "1", Count: "2" });
    expect(check(sent).findings).toEqual(['Names[0] "1" does not match [a-z]+']);
  });

  test("unknown, missing and wrong members of a form", () => {
    expect(check(form({ Count: "x", Size: "1" })).findings).toEqual([
      'Count "x" is no integer',
      "Size is no member of the model",
      "Name is required",
    ]);
  });

  test("XML: a right answer, and a wrong one", () => {
    const right = "<Name>a</Name><Names><member>b</member></Names><At>2026-01-01T00:00:00Z</At><Count>2</Count>";
    expect(check(form({ Name: "a" }), xml(right)).findings).toEqual([]);
    const wrong = "<Name>a</Name><Name>b</Name><Names><item>b</item></Names><At>1</At><Size/>";
    expect(check(form({ Name: "a" }), xml(wrong)).findings).toEqual([
      "Name is there twice",
      "Names <item> is no item of a list",
      'At "1" is no time in iso8601',
      "Size is no member of the model",
    ]);
  });

  test("XML that is not well-formed, and entities in XML", () => {
    expect(check(form({ Name: "a" }), answer(200, "<PutFormResponse>")).findings).toEqual([
      "(body) is no <PutFormResponse>",
    ]);
    expect(check(form({ Name: "a" }), xml("<Name>&amp;&#x61;</Name>")).findings).toEqual([
      'Name "&a" does not match [a-z]+',
    ]);
  });

  test("an error in XML", () => {
    const error = (code: string) =>
      answer(403, `<ErrorResponse><Error><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`);
    expect(check(form({ Name: "a" }), error("AccessDenied")).findings).toEqual([]);
    expect(check(form({ Name: "a" }), error("Gone")).findings).toEqual([
      "(error Gone 403) is no error of the operation",
    ]);
  });
});
