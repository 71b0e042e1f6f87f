export { type Api, type CallOptions, type Schemas } from './api.js';
export {
  type Answer,
  type Approval,
  type ApprovalQuery,
  type ApprovalRef,
  Approvals,
  type Decision,
} from './approvals.js';
export { CodexClient, type CodexClientOptions } from './client.js';
export {
  ApiError,
  CodexError,
  ConflictError,
  ConnectionError,
  type ErrorCode,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  type Problem,
  RateLimitError,
  ServerError,
  TurnTimeoutError,
  UnauthorizedError,
} from './errors.js';
export { type CodexEvent, type FollowOptions, type GapEvent } from './events.js';
export { type components, type operations, type paths } from './generated/schema.js';
export { Rules } from './rules.js';
export {
  type EventOptions,
  type Input,
  type Item,
  type ItemQuery,
  type PageQuery,
  type RunOptions,
  textOf,
  type Thread,
  type ThreadQuery,
  Threads,
  type Turn,
  type TurnFields,
} from './threads.js';
