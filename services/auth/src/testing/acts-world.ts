import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import type { Act, AuditTrail } from '@skynet/platform';

/** Acts in one line each: what, outcome, who, by which client, on what, why and what more. */
export class ActLines implements AuditTrail {
  readonly acts: Act[] = [];

  record(act: Act): Promise<void> {
    this.acts.push(act);
    return Promise.resolve();
  }

  get lines(): string[] {
    return this.acts.map(lineOf);
  }

  /** What came since it was asked last. */
  take(): string[] {
    return this.acts.splice(0).map(lineOf);
  }
}

const GENERATED = /^[A-Za-z0-9_-]{21,43}$/;

function lineOf({ act, outcome, principal, tenant, client, target, reason, details }: Act): string {
  const who = principal === undefined ? (tenant ?? '-') : `${principal}@${tenant ?? '-'}`;
  const by = named(client);
  const on = target === undefined ? '-' : `${target.kind}:${named(target.id)}`;
  const more = Object.entries(details ?? {}).map(([name, text]) => `${name}=${text}`);
  const why = reason === undefined ? [] : [reason];
  return [act, outcome, who, by, on, ...why, ...more].join(' | ');
}

function named(id: string | undefined): string {
  return id === undefined ? '-' : id.replace(GENERATED, 'ID');
}

/** One way to come to a path, and what it leaves in the audit log. */
export interface Door {
  readonly what: string;
  readonly go: () => Promise<unknown>;
  readonly acts: readonly string[];
}

type Controller = new (...parts: never[]) => object;

/** `POST admin/users` for example. */
export function routesOf(controllers: readonly Controller[]): string[] {
  return controllers
    .flatMap((controller) => {
      const base = String(Reflect.getMetadata('path', controller));
      const prototype = controller.prototype as object;
      return Object.entries(Object.getOwnPropertyDescriptors(prototype))
        .filter(([name]) => name !== 'constructor')
        .flatMap(([, { value }]) => routesAt(base, value));
    })
    .sort();
}

function routesAt(base: string, handler: unknown): string[] {
  if (typeof handler !== 'function') return [];
  const said: unknown = Reflect.getMetadata('path', handler);
  if (said === undefined) return [];
  const paths = (Array.isArray(said) ? said : [said]) as string[];
  const method = RequestMethod[Number(Reflect.getMetadata('method', handler))] ?? '?';
  return paths.map((path) => `${method} ${joined(base, path)}`);
}

function joined(base: string, path: string): string {
  if (base === '/') return path;
  return path === '/' ? base : `${base}/${path}`;
}
