import { type ModelRequest } from './model-request.js';
import { directiveHelp } from './parse-script.js';
import { toSampleValue } from './sample-value.js';
import { type Step } from './step.js';

/** The answer to a message without directives: what this model is, or the least JSON that the asked schema allows. */
export function defaultAnswer({ outputSchema, userText }: ModelRequest): Step {
  if (outputSchema !== undefined) {
    return { kind: 'say', text: JSON.stringify(toSampleValue(outputSchema)) };
  }
  const quote = userText.length > 200 ? `${userText.slice(0, 200)}…` : userText;
  const text = [
    'This is the scripted model, not a language model: it answers only by the directives in a message.',
    ...(quote ? [`It received: ${JSON.stringify(quote)}`] : []),
    `Directives, each on a line of its own: ${directiveHelp.map(([form]) => form).join(' · ')}`,
  ].join('\n');
  return { kind: 'say', text };
}
