import { type Settings } from '../../settings/settings.js';

/** What the dialects need to know of the settings. Class and injection token. */
export abstract class DialectSettings implements Pick<
  Settings,
  'bridgeRequestTimeoutMs' | 'isExposingReasoningModels' | 'model' | 'approvalPolicy'
> {
  abstract readonly bridgeRequestTimeoutMs: Settings['bridgeRequestTimeoutMs'];
  abstract readonly isExposingReasoningModels: Settings['isExposingReasoningModels'];
  abstract readonly model: Settings['model'];
  abstract readonly approvalPolicy: Settings['approvalPolicy'];
}
