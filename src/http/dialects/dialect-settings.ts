import { type Settings } from '../../settings/settings.js';

/** What the dialects need to know of the settings. Class and injection token. */
export abstract class DialectSettings implements Pick<
  Settings,
  | 'bridgeRequestTimeoutMs'
  | 'isExposingReasoningModels'
  | 'unsupportedParameters'
  | 'model'
  | 'approvalPolicy'
  | 'responseRetentionMs'
> {
  abstract readonly bridgeRequestTimeoutMs: Settings['bridgeRequestTimeoutMs'];
  abstract readonly isExposingReasoningModels: Settings['isExposingReasoningModels'];
  abstract readonly unsupportedParameters: Settings['unsupportedParameters'];
  abstract readonly model: Settings['model'];
  abstract readonly approvalPolicy: Settings['approvalPolicy'];
  abstract readonly responseRetentionMs: Settings['responseRetentionMs'];
}
