import type { Gap } from "./gaps.ts";

/** What ministack 1.5.33 does otherwise than AWS, as far as the end-to-end tests meet it. */
export const MINISTACK_GAPS: readonly Gap[] = [
  {
    test: "access-logs > they are switched off with one call; what was logged stays until the gateway goes",
    fails: /gave up waiting for .* to answer/,
    because: "DeleteAccessLogSettings deletes the whole stage",
  },
  {
    test: "invariants > 5: exactly the calls for what changed > removed settings are really cleared",
    fails: /expected \{ team: 'blue'/,
    because: "UntagResource of an API answers 204 and leaves the tags",
  },
  {
    test: "invariants > an API of our name that is not ours is refused, taken over with --adopt, and else left alone",
    fails: /expected \{ code: \+?0/,
    because: "UntagResource of an API answers 204 and leaves the tags",
  },
  {
    test: "invariants > 8: two deploys at once > on two machines end with one set of resources",
    fails: /expected (\{ roles: .* to deeply equal \{ roles: |\[ \[ )/,
    because:
      "two routes can have one key, where AWS refuses the second [aws 5.2], so two runs can make one each, which no snapshot may hold",
    isRace: true,
  },
  {
    test: "lost-answers > the connection drops after the effect > CreateRoute",
    fails: /expected \{ code: 1/,
    because:
      "two routes can have one key, where AWS refuses the second [aws 5.2]: a call sent twice leaves two, which no snapshot may hold",
  },
  {
    test: "lost-answers > the connection drops after the effect of a write of an update > CreateRoute",
    fails: /expected \{ code: 1/,
    because:
      "two routes can have one key, where AWS refuses the second [aws 5.2]: a call sent twice leaves two, which no snapshot may hold",
  },
  {
    test: "own-function > a folder with llm-gw.json: a change of the code is sent, and only that",
    fails: /expected 'one: \/ask\\n' to be 'one: \/dev\/ask\\n'/,
    because: "rawPath has no stage, while AWS's has that of a named stage [aws 5.9]",
  },
  {
    test: "repair > 6: what a hand deleted or edited is repaired > a log group that was deleted is not made again by the function, and one made by hand is taken back",
    fails: /to deeply equal \[\]/,
    because: "a function's log group is made whatever its role denies",
  },
];
