/**
 * Errors that every service may answer and no model lists, with their status: AWS's "common errors" pages, and what
 * the reference tells of single services [aws 1.1, 2, 4.3].
 */
const COMMON: Readonly<Record<string, number>> = {
  // The query services (IAM, STS) say some of them without "Exception" [aws 1.1].
  AccessDenied: 403,
  ExpiredToken: 403,
  InvalidClientTokenId: 403,
  MissingAuthenticationToken: 403,
  SignatureDoesNotMatch: 403,
  Throttling: 400,
  ValidationError: 400,
  InvalidAction: 400,
  MalformedQueryString: 404,
  // The JSON services.
  AccessDeniedException: 403,
  ExpiredTokenException: 403,
  IncompleteSignature: 400,
  IncompleteSignatureException: 400,
  InvalidSignatureException: 403,
  MissingAuthenticationTokenException: 403,
  UnrecognizedClientException: 403,
  SerializationException: 400,
  UnknownOperationException: 404,
  ThrottlingException: 400,
  TooManyRequestsException: 429,
  // Lambda's, modelled for no operation [aws 1.1, 4.3].
  ValidationException: 400,
  RequestEntityTooLargeException: 413,
};

/** Whether AWS answers this code with this status, whatever the operation. */
export function isCommonError(code: string, status: number): boolean {
  return COMMON[code] === status;
}
