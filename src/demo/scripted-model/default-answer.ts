import { toEngineToolName } from '../../core/turns/caller-tools.js';
import { type ModelRequest, type OfferedTool } from './model-request.js';
import { directiveHelp } from './parse-script.js';
import { toSampleValue } from './sample-value.js';
import { type Step } from './step.js';

/**
 * The answer to a message without directives. It calls the functions that it is offered, beside the engine's own, whose
 * name shares a word with the message, and then tells what they gave; else it gives the least JSON that the asked schema
 * allows, or says what this model is.
 */
export function defaultAnswer(request: ModelRequest): Step[] {
  const { outputSchema, userText, toolOutputCount, toolOutputTexts } = request;
  const calls = toolOutputCount === 0 ? toCalls(request) : [];
  if (calls.length > 0) {
    return calls;
  }
  if (outputSchema !== undefined) {
    return [{ kind: 'say', text: JSON.stringify(toSampleValue(outputSchema)) }];
  }
  if (toolOutputCount > 0) {
    return [{ kind: 'say', text: `The tool answered: ${toolOutputTexts.join(' and ')}` }];
  }
  const quote = userText.length > 200 ? `${userText.slice(0, 200)}…` : userText;
  const text = [
    'This is the scripted model, not a language model: it answers only by the directives in a message.',
    ...(quote ? [`It received: ${JSON.stringify(quote)}`] : []),
    `Directives, each on a line of its own: ${directiveHelp.map(([form]) => form).join(' · ')}`,
  ].join('\n');
  return [{ kind: 'say', text }];
}

function toCalls({ tools, userText }: ModelRequest): Step[] {
  const words = new Set(toWords(userText));
  return tools
    .filter((tool) => isCallersFunction(tool) && toWords(tool.name).some((word) => words.has(word)))
    .map(({ name, parameters }, index) => {
      const input = JSON.stringify(toSampleValue(parameters) ?? {});
      return { kind: 'call', tool: name, input, isJoined: index > 0 };
    });
}

function isCallersFunction({ type, name, namespace }: OfferedTool): boolean {
  return type === 'function' && namespace === undefined && toEngineToolName(name) === name;
}

const MIN_WORD_CHARS = 4;

function toWords(text: string): string[] {
  const words =
    text
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z]+/g) ?? [];
  return words.filter((word) => word.length >= MIN_WORD_CHARS);
}
