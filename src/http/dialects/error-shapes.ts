import { Injectable, type Type } from '@nestjs/common';
import { type ServiceError } from '../../core/errors.js';

/** What a refused request was. */
export interface RefusedRequest {
  /** As sent, without the query. */
  readonly path: string;
  readonly requestId: string;
}

/** The answer to a request that failed. `Retry-After`, `WWW-Authenticate` and `X-Request-Id` are set for every shape. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: object;
}

/** How the clients of a dialect are told of an error, whoever noticed it: a route, a pipe, the router or the gate. */
export interface ErrorShape {
  /** The paths that are answered in this shape, each with all that is below it. */
  readonly paths: readonly string[];
  /** Describes the body in the OpenAPI document. */
  readonly model: Type;
  readonly toAnswer: (error: ServiceError, request: RefusedRequest) => ErrorAnswer;
}

/** The shapes of all dialects that are switched on; every other path is answered with a problem (RFC 9457). */
@Injectable()
export class ErrorShapes {
  readonly #byPath = new Map<string, ErrorShape>();

  register(shape: ErrorShape): void {
    for (const path of shape.paths) {
      this.#byPath.set(path, shape);
    }
  }

  /** The shape of the longest registered path that this one is, or lies below. */
  find(path: string): ErrorShape | undefined {
    for (let prefix = path; prefix !== ''; prefix = prefix.slice(0, prefix.lastIndexOf('/'))) {
      const shape = this.#byPath.get(prefix);
      if (shape) {
        return shape;
      }
    }
    return undefined;
  }

  get models(): Type[] {
    return [...new Set([...this.#byPath.values()].map(({ model }) => model))];
  }
}
