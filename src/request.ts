/**
 * The one way to the server: a request in, a typed reply or a `KeysError` out.
 *
 * What a reply means, and when to ask again, is decided elsewhere.
 */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { ErrorReply, ParameterProblem } from './contract';

/** The path of our routes below the server's base URL. */
export const NAMESPACE = 'keys-jupyter';

/** Codes of what goes wrong before our routes could answer. */
export namespace LocalCode {
  /** No answer at all: the server is gone or the network is. */
  export const LOST = 'SERVER_LOST';
  /** Somebody answered, but not our server extension. */
  export const NOT_OURS = 'SERVER_EXTENSION_MISSING';
  /** The person is no longer signed in to the server. */
  export const FORBIDDEN = 'SERVER_FORBIDDEN';
  /** Our route answered something that is not JSON. */
  export const UNREADABLE = 'REPLY_UNREADABLE';
}

/**
 * Something that went wrong, in the one shape the server gives it.
 *
 * `message` and `hint` are empty for a `LocalCode`; the views have the words.
 */
export class KeysError extends Error {
  constructor(
    readonly code: string,
    message = '',
    readonly hint = '',
    readonly requestId = '',
    readonly status = 0,
    readonly problems: ParameterProblem[] = []
  ) {
    super(message);
    this.name = 'KeysError';
  }

  /** Whether the server itself could not be reached. */
  get lost(): boolean {
    return this.code === LocalCode.LOST;
  }
}

/** What a request may carry. */
export interface IRequestOptions {
  /** GET unless said otherwise. */
  method?: 'GET' | 'POST' | 'DELETE';
  /** The query; `null` and `undefined` are left out. */
  query?: { [name: string]: string | number | null | undefined };
  /** The body, sent as JSON. */
  body?: unknown;
}

/**
 * Ask one of our routes.
 *
 * @param settings - the settings of the application's service manager
 * @param path - the path below our namespace, its parts already encoded
 * @param options - method, query and body
 * @throws KeysError for everything that is not a reply of the wanted kind
 */
export async function request<T>(
  settings: ServerConnection.ISettings,
  path: string,
  options: IRequestOptions = {}
): Promise<T> {
  const url = Private.address(settings.baseUrl, path, options.query);
  const response = await Private.send(url, Private.init(options), settings);
  const data = Private.parse(await response.text());
  if (!response.ok) {
    throw Private.failure(response.status, data);
  }
  if (data === undefined) {
    throw new KeysError(LocalCode.UNREADABLE, '', '', '', response.status);
  }
  return data as T;
}

namespace Private {
  /** The address of a route with its query. */
  export function address(
    base: string,
    path: string,
    query: IRequestOptions['query'] = {}
  ): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined) {
        search.set(name, String(value));
      }
    }
    const tail = search.toString();
    return URLExt.join(base, NAMESPACE, path) + (tail ? `?${tail}` : '');
  }

  /** What fetch needs. */
  export function init(options: IRequestOptions): RequestInit {
    const method = options.method ?? 'GET';
    return method === 'GET'
      ? { method }
      : { method, body: JSON.stringify(options.body ?? {}) };
  }

  /** Send, and give a silent network its own code. */
  export async function send(
    url: string,
    init: RequestInit,
    settings: ServerConnection.ISettings
  ): Promise<Response> {
    try {
      return await ServerConnection.makeRequest(url, init, settings);
    } catch {
      throw new KeysError(LocalCode.LOST);
    }
  }

  /** The JSON of a body, or undefined. */
  export function parse(text: string): unknown {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return undefined;
    }
  }

  /** The error of an answer that is not a success. */
  export function failure(status: number, data: unknown): KeysError {
    if (isErrorReply(data)) {
      const { code, message, hint, request_id, problems } = data;
      return new KeysError(code, message, hint, request_id, status, problems);
    }
    if (status === 502 || status === 503 || status === 504) {
      return new KeysError(LocalCode.LOST, '', '', '', status);
    }
    const code =
      status === 401 || status === 403
        ? LocalCode.FORBIDDEN
        : LocalCode.NOT_OURS;
    return new KeysError(code, '', '', '', status);
  }

  function isErrorReply(data: unknown): data is ErrorReply {
    return (
      typeof data === 'object' &&
      data !== null &&
      typeof (data as ErrorReply).code === 'string' &&
      typeof (data as ErrorReply).message === 'string'
    );
  }
}
