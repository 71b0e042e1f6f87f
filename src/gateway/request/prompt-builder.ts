import {
  type LanguageModelV4Message,
  type LanguageModelV4Prompt,
  type LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';
import { type ContentPart } from './to-content.js';

type Message<Role extends LanguageModelV4Message['role']> = Extract<LanguageModelV4Message, { role: Role }>;
export type AssistantPart = Message<'assistant'>['content'][number];

/**
 * Gathers items into the messages that the other wires have. Neighbours of one role become one message, as many
 * templates of local models insist on roles that take turns, and as parallel calls belong into one message.
 */
export class PromptBuilder {
  readonly #system: string[] = [];
  readonly #messages: LanguageModelV4Prompt = [];
  /** What tools have shown, for wires whose tool results are text: told after the last result of a group. */
  #shown: ContentPart[] = [];

  /**
   * The first ones become the one system message. Most wires take none later, so a later one is told to the model in
   * the user's place.
   */
  addSystem(text: string): void {
    if (this.#messages.length === 0) {
      this.#system.push(text);
    } else {
      this.addUser([{ type: 'text', text: `<system>\n${text}\n</system>` }]);
    }
  }

  addUser(content: readonly ContentPart[]): void {
    this.#flush();
    this.#open('user').content.push(...content);
  }

  addAssistant(part: AssistantPart): void {
    this.#flush();
    this.#open('assistant').content.push(part);
  }

  /** @param shown what the result can't hold on this wire */
  addResult(result: LanguageModelV4ToolResultPart, shown: readonly ContentPart[]): void {
    this.#open('tool').content.push(result);
    this.#shown.push(...shown);
  }

  build(): LanguageModelV4Prompt {
    this.#flush();
    const system = this.#system.join('\n\n');
    const messages = this.#messages.map((message) => (message.role === 'user' ? withJoinedText(message) : message));
    return system === '' ? messages : [{ role: 'system', content: system }, ...messages];
  }

  #flush(): void {
    if (this.#shown.length > 0) {
      this.#open('user').content.push(...this.#shown);
      this.#shown = [];
    }
  }

  #open<Role extends 'user' | 'assistant' | 'tool'>(role: Role): Message<Role> {
    const last = this.#messages.at(-1);
    if (last?.role === role) {
      return last as Message<Role>;
    }
    const message = { role, content: [] } as unknown as Message<Role>;
    this.#messages.push(message);
    return message;
  }
}

/** Neighbouring texts as one, since servers of local models often take one text only. */
function withJoinedText(message: Message<'user'>): Message<'user'> {
  const content: Message<'user'>['content'] = [];
  for (const part of message.content) {
    const last = content.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      content[content.length - 1] = { type: 'text', text: `${last.text}\n\n${part.text}` };
    } else {
      content.push(part);
    }
  }
  return { ...message, content };
}
