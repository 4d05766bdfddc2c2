/** A breach of the models that is accepted. */
interface Exception {
  /** Matches `service Operation request|answer`. */
  readonly where: RegExp;
  readonly member: string;
  readonly what: RegExp;
  readonly because: string;
  /** Whether it occurs depends on which of several calls comes first: then it need not. */
  readonly isChance?: true;
}

/** AWS itself does not keep to its models here. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    where: /^lambda (UpdateFunction(Code|Configuration)|GetFunction(Configuration)?) answer$/,
    member: "LastUpdateStatusReasonCode",
    what: /^"Creating" is no value of the enum$/,
    because: "recorded answers of AWS after an update say so, though the model has the value for StateReasonCode alone",
  },
  {
    where: /^logs ListTagsForResource answer$/,
    member: "tags",
    what: /^size 0 is below 1$/,
    because: "the bounds are those of tags that are sent; a group without any has an empty map",
  },
  {
    where: /^apigateway DeleteIntegration answer$/,
    member: "(error ConflictException 409)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so an integration that a route refers to [aws 5.2]",
  },
  {
    where: /^apigateway (Create|Update|Delete|Reset)\w+ answer$/,
    member: "(error ConflictException 409)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so any write to an API that meets another one [aws 5.2]",
    isChance: true,
  },
  {
    where: /^lambda RemovePermission answer$/,
    member: "(error ResourceConflictException 409)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so a write to a function's policy that meets another one [aws 4.3, 4.7]",
    isChance: true,
  },
  {
    where: /^apigateway DeleteDeployment answer$/,
    member: "(error BadRequestException 400)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so a deployment that a stage points at [aws 5.2]",
  },
];
