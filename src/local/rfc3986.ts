/** Percent-encodes all but RFC 3986's unreserved characters: encodeURIComponent leaves five more alone. As SigV4 signs, and IAM answers documents [aws 3.4]. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
