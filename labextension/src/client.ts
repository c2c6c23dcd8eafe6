/** The only file that talks to the server. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IMlopsClient } from './tokens';
import { BASE, ROUTES, type Failure, type Operations } from './wire';

/** The server said no, or nothing. */
export class Refusal extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
    this.name = 'Refusal';
  }
}

export class Client implements IMlopsClient {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async call<K extends keyof Operations>(
    name: K,
    parameters: Operations[K]['parameters'],
    place: string
  ): Promise<Operations[K]['result']> {
    const { method, path } = ROUTES[name];
    const left = new Map(Object.entries(parameters as Readonly<Record<string, unknown>>));
    const filled = path.replace(/\{(\w+)\}/g, (_, key: string) => {
      const value = left.get(key);
      left.delete(key);
      return encodeURIComponent(String(value));
    });
    const query = new URLSearchParams(place ? { path: place } : {});
    const reads = method === 'GET';
    if (reads) {
      left.forEach((value, key) => {
        appendTo(query, key, value);
      });
    }
    const url = URLExt.join(this.settings.baseUrl, BASE, filled);
    return this.fetched(`${url}${query.size ? `?${query.toString()}` : ''}`, {
      method,
      ...(reads ? {} : { body: JSON.stringify(Object.fromEntries(left)) })
    });
  }

  private async fetched<T>(url: string, init: RequestInit): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await ServerConnection.makeRequest(
        url,
        // Any other way the connection adds a parameter of its own to each address.
        { ...init, cache: 'default', headers: { 'Content-Type': 'application/json' } },
        this.settings
      );
      text = await response.text();
    } catch (error) {
      throw new Refusal({
        code: 'unavailable',
        message: `The server does not answer: ${error instanceof Error ? error.message : String(error)}`,
        remedy: 'What was recorded is safe. This view looks again by itself.',
        data: {}
      });
    }
    if (!response.ok) {
      throw new Refusal(failureIn(text) ?? notOurs(response));
    }
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new Refusal(notOurs(response));
    }
  }
}

function appendTo(query: URLSearchParams, key: string, value: unknown): void {
  if (value === undefined || value === null) {
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      query.append(key, typeof item === 'string' ? item : JSON.stringify(item));
    }
  } else {
    query.append(key, typeof value === 'string' ? value : JSON.stringify(value));
  }
}

function failureIn(text: string): Failure | null {
  try {
    const found = JSON.parse(text) as Partial<Failure>;
    return typeof found.message === 'string'
      ? { code: '', remedy: '', data: {}, ...found, message: found.message }
      : null;
  } catch {
    return null;
  }
}

function notOurs(response: Response): Failure {
  if (response.status === 404) {
    return {
      code: 'not_found',
      message: 'The server has no jupyter-mlops: its extension is not loaded.',
      remedy: 'Install jupyter-mlops where the server runs, and start it again.',
      data: {}
    };
  }
  const code = `${response.status} ${response.statusText}`.trim();
  return {
    code: 'refused',
    message: response.ok
      ? `The server answered ${code}, but with something else than was asked for, such as a page to sign in on.`
      : `The server answered ${code}.`,
    remedy: response.ok ? 'Reload this page; it may be that you are signed out.' : '',
    data: {}
  };
}
