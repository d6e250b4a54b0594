/** A whole response, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'Content-Type': 'application/json' };

/** 200 with a JSON body, given as a value or as text. */
export function ok(body: object | string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status: 200,
    headers: { ...headers, ...json },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** 304; ZMS repeats an ETag in it. */
export function notModified(etag: string): Answer {
  return { status: 304, headers: { ETag: etag }, body: '' };
}

/** An error that ZMS itself answers with. */
export function zmsError(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { ...headers, ...json }, body: JSON.stringify({ code: status, message }) };
}

/** What ZMS answers to most writes that it carried out. */
export const noContent: Answer = { status: 204, headers: {}, body: '' };

const reasons = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
} as const;

/** An error that ZMS' servlet container answers with: no `code`, and the status as a string. */
export function servletError(
  status: keyof typeof reasons,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const body = { servlet: 'zms-server', message: reasons[status], url: path, status: String(status) };
  const all = { ...headers, 'Cache-Control': 'must-revalidate,no-cache,no-store', ...json };
  return { status, headers: all, body: JSON.stringify(body) };
}

/** An error that ZMS leaves to its servlet container, which has a body only for some methods. */
export function containerError(
  status: keyof typeof reasons,
  { method, path }: { readonly method: string; readonly path: string },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return method === 'GET' || method === 'POST' ? servletError(status, path, headers) : { status, headers, body: '' };
}

/** ZMS' servlet container has nothing but JSON to offer, and says so in HTML. */
export function notAcceptable(path: string): Answer {
  const rows = [
    ['URI', path.replaceAll('&', '&amp;').replaceAll('<', '&lt;')],
    ['STATUS', '406'],
    ['MESSAGE', 'Not Acceptable'],
    ['SERVLET', 'zms-server'],
  ].map(([name, value]) => `<tr><th>${name}:</th><td>${value}</td></tr>\n`);
  const meta = '<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>';
  return {
    status: 406,
    headers: { 'Cache-Control': 'must-revalidate,no-cache,no-store', 'Content-Type': 'text/html;charset=iso-8859-1' },
    body:
      `<html>\n<head>\n${meta}\n<title>Error 406 Not Acceptable</title>\n</head>\n` +
      `<body><h2>HTTP ERROR 406 Not Acceptable</h2>\n<table>\n${rows.join('')}</table>\n\n</body>\n</html>\n`,
  };
}
