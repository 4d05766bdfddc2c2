/** A breach of the models that is accepted. */
interface Exception {
  /** Matches `service Operation request|answer`. */
  readonly where: RegExp;
  readonly member: string;
  readonly what: RegExp;
  readonly because: string;
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
    where: /^apigateway Delete(Api|Integration|Route|Stage) answer$/,
    member: "(error ConflictException 409)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so an integration that a route refers to, and any write that meets another one [aws 5.2]",
  },
  {
    where: /^apigateway DeleteDeployment answer$/,
    member: "(error BadRequestException 400)",
    what: /^is no error of the operation$/,
    because: "AWS refuses so a deployment that a stage points at [aws 5.2]",
  },
];
