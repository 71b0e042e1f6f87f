import { type Request, type Response } from 'express';
import { type ServiceError } from '../../core/errors.js';
import { toMissingToken } from './bearer.js';

/** The refusal of a request without a caller, whose challenge it sets. */
export function toUnauthorized({ refusal }: Request, res: Response): ServiceError {
  const { error, challenge } = refusal ?? toMissingToken();
  res.setHeader('WWW-Authenticate', challenge);
  return error;
}
