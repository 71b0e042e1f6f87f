import { APPROVAL_POLICIES, type ApprovalPolicy } from './settings.js';
import { parseChoice, type ValueParser } from './value-parsers.js';

/** What earlier versions of Codex called it. */
const EARLIER: Readonly<Record<string, ApprovalPolicy>> = {
  auto: 'on-request',
  'on-failure': 'on-request',
  'unless-allow-listed': 'untrusted',
};

const parsePolicy = parseChoice(APPROVAL_POLICIES);

/** A policy by its name, or by the one that it had. */
export const parseApprovalPolicy: ValueParser<ApprovalPolicy> = (raw, paths) =>
  EARLIER[raw.toLowerCase()] ?? parsePolicy(raw, paths);
