/** A request to one of the routes, from a client that has shown its certificate. */
export interface Call {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly principal: string;
  readonly ifNoneMatch: string | undefined;
}
